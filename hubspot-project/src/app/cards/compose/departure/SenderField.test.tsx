/** The sender: the account's own number or a name, each with its meaning for the recipient. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openComposer } from '../testing/driver';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the sender', () => {
  it('is the account’s number at first, without a field for a name', async () => {
    const view = await openComposer();
    expect(view.seen()).toContain('De numéro court · maintenant');
    expect(() => view.field('Input', 'sender')).toThrow();
  });

  it('is a name with its rule once that is asked for, and the number again when it is given up', async () => {
    const view = await openComposer();
    view.toggle('custom_sender');
    expect(view.field('Input', 'sender').props.description).toContain('3 à 11 lettres ou chiffres');
    view.toggle('custom_sender', false);
    expect(() => view.field('Input', 'sender')).toThrow();
  });
});

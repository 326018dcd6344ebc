/** The same content keeps its key; other content gets another key. */
import { describe, expect, it } from 'vitest';
import { attemptFor, type Content } from './attempt';

describe('the idempotency key', () => {
  const content: Content = {
    object_type_id: '0-1',
    object_id: '501',
    property: 'mobilephone',
    number_object_type_id: '0-1',
    number_object_id: '501',
    recipient: '+33612345678',
    push_type: 'alert',
    sender: null,
    unicode: false,
    removes_special: false,
    text: 'Bonjour <-short->',
    links: ['https://lumen.example'],
    send_at: null,
    template_id: null,
  };
  const first = attemptFor(null, content);

  it('is a UUID, another one for every first attempt', () => {
    expect(first.key).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(attemptFor(null, content).key).not.toBe(first.key);
  });

  it('stays with the same content', () => {
    expect(attemptFor(first, { ...content })).toBe(first);
  });

  it.each(
    Object.entries({
      ...{ text: 'Bonsoir <-short->', recipient: '+33600000000', unicode: true, sender: 'LUMEN' },
      ...{ links: ['https://autre.example'], send_at: '2026-11-24T09:00', number_object_id: '502' },
    }),
  )('changes with %s', (name, value) => {
    expect(attemptFor(first, { ...content, [name]: value }).key).not.toBe(first.key);
  });
});

/** What is easily a mistake is asked about, once: the same SMS a moment ago, a date that is far away. */
import { ApiError } from '@connector/api';
import { aPreview } from '@connector/api/testing';
import { Alert, PanelFooter } from '@hubspot/ui-extensions';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openComposer, taken } from '../testing/driver';

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime('2026-11-23T12:10:00Z');
});
afterEach(() => void vi.useRealTimers());

type View = Awaited<ReturnType<typeof openComposer>>;
const question = (view: View) => view.panel().find(PanelFooter).find(Alert).props;

describe('the same SMS to the same number', () => {
  async function repeated() {
    const view = await openComposer();
    view.write('Bonjour');
    await view.previewed();
    view.api.sends.willAnswer(new ApiError('sent_recently', { at: '2026-11-23T12:05:00+00:00' }));
    view.send();
    await view.settle();
    return view;
  }

  it('is asked about, and sent once that is confirmed', async () => {
    const view = await repeated();
    expect(question(view)).toMatchObject({
      title:
        'Ce SMS est déjà parti au +33\u00a06\u00a012\u00a034\u00a056\u00a078 à 13:05. L’envoyer encore\u202f?',
      variant: 'info',
    });
    view.api.sends.willAnswer(taken());
    await view.press('Oui, envoyer');
    expect(view.api.sends.asked.map(({ may_repeat }) => may_repeat)).toEqual([false, true]);
    expect(new Set(view.keys()).size).toBe(1);
    expect(view.text().value).toBe('');
  });

  it('stays in the composer when it was a mistake', async () => {
    const view = await repeated();
    await view.press('Non, revenir');
    expect(view.panel().find(PanelFooter).maybeFind(Alert)).toBeNull();
    expect(view.text().value).toBe('Bonjour');
    expect(view.api.sends.asked).toHaveLength(1);
  });
});

describe('a date that is far away', () => {
  it.each([
    ['2027-01-23T12:00:00Z', 'Ce SMS partira le samedi 23 janvier 2027 à 13:00. Est-ce la bonne date\u202f?'],
    ['2026-12-01T12:00:00Z', null],
  ])('asks before %s', async (effective_at, words) => {
    const view = await openComposer({ preview: aPreview({ effective_at }) });
    view.write('Bonjour');
    view.pick('schedule', 'later');
    await view.previewed();
    view.api.sends.willAnswer(taken());
    view.send();
    await view.settle();
    expect(view.api.sends.asked).toHaveLength(words ? 0 : 1);
    if (!words) return;
    expect(question(view).title).toBe(words);
    await view.press('Oui, envoyer');
    expect(view.api.sends.asked).toHaveLength(1);
  });
});

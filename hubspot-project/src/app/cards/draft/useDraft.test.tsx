/** When a draft is saved, and how many calls that takes: all people of a portal share them. */
import { ApiError } from '@connector/api';
import { aStoredDraft, pending, renderer, settled, type FakeApi } from '@connector/api/testing';
import { Text } from '@hubspot/ui-extensions';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Draft } from '../compose/draft';
import { fromStored, toStored } from './storedDraft';
import { SAVE_AFTER_MS, useDraft, type DraftStore } from './useDraft';

const record = { object_type_id: '0-1', object_id: '501' };

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => vi.useRealTimers());

function opened(...answers: Parameters<FakeApi['draftSaves']['willAnswer']>) {
  const view = renderer('crm.record.sidebar');
  let store: DraftStore | undefined;
  function Probe() {
    store = useDraft(record);
    return <Text>…</Text>;
  }
  view.render(<Probe />);
  view.api.draftSaves.willAnswer(...(answers.length ? answers : [true]));
  if (!store) throw new Error('nothing was drawn');
  return { store, saves: view.api.draftSaves, drafts: view.api.drafts };
}

function texts(saves: ReturnType<typeof opened>['saves']) {
  return saves.asked.map(({ draft }) => draft && draft.text);
}

describe('a draft', () => {
  it('is saved once, after the pause', async () => {
    const { store, saves } = opened();
    for (const text of ['B', 'Bo', 'Bon']) store.save(aStoredDraft({ text }));
    vi.advanceTimersByTime(SAVE_AFTER_MS - 1);
    expect(texts(saves)).toEqual([]);
    vi.advanceTimersByTime(1);
    await settled();
    expect(texts(saves)).toEqual(['Bon']);
    expect(saves.asked[0]).toMatchObject(record);
  });

  it('is saved at once on closing, and not again', async () => {
    const { store, saves } = opened();
    store.save(aStoredDraft({ text: 'Bon' }));
    store.flush();
    await settled();
    vi.advanceTimersByTime(SAVE_AFTER_MS);
    store.save(aStoredDraft({ text: 'Bon' }));
    store.flush();
    await settled();
    expect(texts(saves)).toEqual(['Bon']);
  });

  it('takes one call at a time; the newest text follows', async () => {
    const first = pending<boolean>();
    const { store, saves } = opened(first.answer, true);
    for (const text of ['a', 'ab', 'abc']) {
      store.save(aStoredDraft({ text }));
      store.flush();
    }
    expect(texts(saves)).toEqual(['a']);
    first.give(true);
    await settled();
    expect(texts(saves)).toEqual(['a', 'abc']);
  });

  it('has the time of its last change, not of its call', async () => {
    vi.setSystemTime('2026-11-23T09:00:00Z');
    const { store, saves } = opened();
    store.save(aStoredDraft());
    vi.advanceTimersByTime(SAVE_AFTER_MS);
    await settled();
    expect(saves.asked[0]?.written_at).toBe('2026-11-23T09:00:00.000Z');
  });

  it('that failed to be saved is saved with the next change, without a word', async () => {
    const { store, saves } = opened(new ApiError('unreachable'), true);
    store.save(aStoredDraft({ text: 'a' }));
    store.flush();
    await settled();
    store.save(aStoredDraft({ text: 'a' }));
    store.flush();
    await settled();
    expect(texts(saves)).toEqual(['a', 'a']);
  });

  it('that cannot be read counts as none', async () => {
    const { store, drafts } = opened();
    drafts.willAnswer(new ApiError('unreachable'));
    await expect(store.load()).resolves.toBeNull();
  });

  it('that was just loaded is not saved back', async () => {
    const { store, saves, drafts } = opened();
    drafts.willAnswer(aStoredDraft());
    await store.load();
    store.save(aStoredDraft());
    store.flush();
    expect(saves.asked).toEqual([]);
  });
});

describe('the stored form', () => {
  const markOf = (number: number) => `[lien ${number}]`;
  const draft: Draft = {
    pushType: 'marketing',
    recipient: { key: '0-1/501/mobilephone', number: '+33612345678' },
    customSender: true,
    sender: 'LUM',
    unicode: true,
    removesSpecial: false,
    text: 'Bonjour {{firstname}} [lien 1]',
    links: [{ number: 1, url: 'https://lumen.example/' }],
    schedule: { date: { year: 2026, month: 11, date: 1 }, time: { hours: 9, minutes: 30 } },
    ...{ templateId: 't', templateName: null, cursor: null, labels: {} },
  };

  it('gives the same draft back', () => {
    const stored = toStored(draft, markOf);
    expect(stored).toMatchObject({ text: 'Bonjour {{firstname}} <-short->', send_at: '2026-12-01T09:30' });
    expect(stored && fromStored(stored, markOf)).toEqual(draft);
  });

  it('of a blank text is none', () => {
    expect(toStored({ ...draft, text: ' ' }, markOf)).toBeNull();
  });

  it('without a number leaves the choice to the card', () => {
    const stored = toStored({ ...draft, recipient: null }, markOf);
    expect(stored && fromStored(stored, markOf)).not.toHaveProperty('recipient');
  });
});

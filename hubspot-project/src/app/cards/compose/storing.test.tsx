/** A text outlives its page: it is stored while it is written, and comes back when the composer opens (F2.12). */
import type { StoredDraft } from '@connector/api';
import { aStoredDraft, pending } from '@connector/api/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SAVE_AFTER_MS } from '../draft/useDraft';
import { openComposer, taken } from './testing/driver';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const texts = ({ api }: Awaited<ReturnType<typeof openComposer>>) =>
  api.draftSaves.asked.map(({ draft }) => draft && draft.text);

it('is stored after a pause, and asks nothing before a word is written', async () => {
  const composer = await openComposer();
  await composer.settle(SAVE_AFTER_MS);
  expect(texts(composer)).toEqual([]);
  expect(composer.api.drafts.asked).toEqual([]);
  composer.api.draftSaves.willAnswer(true);
  composer.write('Bon');
  composer.write('Bonjour');
  await composer.settle(SAVE_AFTER_MS);
  expect(texts(composer)).toEqual(['Bonjour']);
});

it('is stored at once when the panel closes', async () => {
  const composer = await openComposer();
  composer.api.draftSaves.willAnswer(true);
  composer.write('Bonjour');
  composer.panel().props.onClose?.();
  await composer.settle();
  expect(texts(composer)).toEqual(['Bonjour']);
});

it('comes back with the next page', async () => {
  const composer = await openComposer({ stored: aStoredDraft({ text: 'Votre lampe est' }) });
  await composer.settle();
  expect(composer.text().value).toBe('Votre lampe est');
});

it('does not replace what was written meanwhile', async () => {
  const answer = pending<StoredDraft>();
  const composer = await openComposer({ stored: answer.answer });
  composer.write('Autre chose');
  answer.give(aStoredDraft({ text: 'Votre lampe est' }));
  await composer.settle();
  expect(composer.text().value).toBe('Autre chose');
});

it('ends with the SMS that leaves', async () => {
  const composer = await openComposer();
  composer.api.draftSaves.willAnswer(true, true);
  composer.api.sends.willAnswer(taken());
  composer.write('Bonjour');
  await composer.previewed();
  await composer.settle(SAVE_AFTER_MS);
  composer.send();
  await composer.settle(SAVE_AFTER_MS);
  expect(texts(composer)).toEqual(['Bonjour', null]);
});

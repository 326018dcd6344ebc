/**
 * Keeps the text of the composer at the backend, for the next page load (F2.12).
 *
 * All people of a portal share twenty calls at a time, so a draft is saved once the writer pauses, one call after
 * another, and only where it differs from what is stored. A failed save is silent: the draft on the screen is whole.
 */
import { useApi, type RecordRef, type StoredDraft } from '@connector/api';
import { useEffect, useMemo } from 'react';

/** Pause of the writer before a save, in milliseconds. */
export const SAVE_AFTER_MS = 2_000;

export interface DraftStore {
  /** The stored draft; null: none, or it cannot be read now. */
  load: () => Promise<StoredDraft | null>;
  /** Saves the draft after a pause without other changes; null ends it. */
  save: (draft: StoredDraft | null) => void;
  /** Saves now what waits for the pause: the panel closes. */
  flush: () => void;
}

export function useDraft(record: RecordRef): DraftStore {
  const api = useApi();
  const store = useMemo(
    () =>
      createStore(
        async (draft, writtenAt) => {
          await api.saveDraft({ ...record, draft, written_at: writtenAt });
        },
        () => api.readDraft(record),
      ),
    [api, record],
  );
  useEffect(() => store.flush, [store]);
  return store;
}

interface Change {
  draft: StoredDraft | null;
  /** The instant of the change, not of the call: of two tabs, the later writer wins. */
  writtenAt: string;
}

function createStore(
  send: (draft: StoredDraft | null, writtenAt: string) => Promise<void>,
  read: () => Promise<StoredDraft | null>,
): DraftStore {
  let waiting: Change | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isCalling = false;
  /** The stored draft as JSON; null: unknown, because a call has failed. */
  let stored: string | null = 'null';

  const sendNewest = async () => {
    clearTimeout(timer);
    if (isCalling) return;
    isCalling = true;
    // Changes that come during a call wait for it: their pause is over then.
    while (waiting) {
      const { draft, writtenAt }: Change = waiting;
      waiting = null;
      stored = await send(draft, writtenAt).then(
        () => JSON.stringify(draft),
        () => null,
      );
    }
    isCalling = false;
  };
  const save = (draft: StoredDraft | null) => {
    clearTimeout(timer);
    waiting = null;
    if (JSON.stringify(draft) === stored && !isCalling) return;
    waiting = { draft, writtenAt: new Date().toISOString() };
    timer = setTimeout(() => void sendNewest(), SAVE_AFTER_MS);
  };
  const load = async () => {
    const draft = await read().catch(() => null);
    stored = JSON.stringify(draft);
    return draft;
  };
  return { load, save, flush: () => void sendNewest() };
}

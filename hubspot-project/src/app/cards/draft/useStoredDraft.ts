/** Joins the composer's draft to the stored one: saves it while it changes, and reads it when the composer opens. */
import type { CardData, RecordRef } from '@connector/api';
import { useMarks } from '@connector/sms-ui';
import { useEffect, useRef, useState } from 'react';
import { emptyDraft, type Draft } from '../compose/draft';
import { fromStored, toStored } from './storedDraft';
import { useDraft } from './useDraft';

/** Saves the draft of an open composer as it changes, and brings a stored one back when the composer first opens. */
export function useStoredDraft(
  record: RecordRef,
  isOpen: boolean,
  edits: Partial<Draft>,
  setEdits: (next: (before: Partial<Draft>) => Partial<Draft>) => void,
) {
  const store = useDraft(record);
  const { markOf } = useMarks();
  const [defaults, setDefaults] = useState<CardData['defaults'] | null>(null);
  const wasRead = useRef(false);

  useEffect(() => {
    if (isOpen && defaults) store.save(toStored({ ...emptyDraft(defaults), ...edits }, markOf));
  }, [store, isOpen, defaults, edits, markOf]);

  const opened = (data: CardData) => {
    setDefaults(data.defaults);
    if (!data.has_draft || wasRead.current) return;
    wasRead.current = true;
    void store.load().then((draft) => {
      // What the person has written meanwhile stays.
      if (draft) setEdits((before) => (before.text ? before : { ...before, ...fromStored(draft, markOf) }));
    });
  };
  return {
    opened,
    closed: () => store.flush(),
    sent: () => {
      store.save(null);
      store.flush();
    },
  };
}

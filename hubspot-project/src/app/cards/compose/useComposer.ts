/**
 * The state of the composer. It lives above the Panel, so it survives closing, errors and new card data; the backend
 * keeps it for the next page load.
 */
import { useApi, type ApiError, type CardData, type RecordRef, type SendResult } from '@connector/api';
import { changedUntil, useCall } from '@connector/sms-ui';
import { useCallback, useRef, useState } from 'react';
import { useStoredDraft } from '../draft/useStoredDraft';
import { attemptFor, type Attempt, type Content } from './send/attempt';
import { emptyDraft, type Draft } from './draft';
import { currentRecipient, numberKey, usableNumbers } from './recipients';

/** A change made for the writer, who may undo it until their own next change. */
export interface Undo {
  made: { kind: 'allowed' | 'removed'; characters: string[] } | { kind: 'template'; name: string };
  before: Partial<Draft>;
}

export interface Composer {
  record: RecordRef;
  /** Whether the panel is in view; previews are requested only then. */
  isOpen: boolean;
  sending: boolean;
  /** The error of the last attempt. A change of the draft clears it, unless it is unknown whether the SMS was sent. */
  error: ApiError | null;
  draftFor: (data: CardData) => Draft;
  /** Fixes the recipient that the user will see, so that a later change of the record is noticed. */
  opened: (data: CardData) => void;
  closed: () => void;
  edit: (change: Partial<Draft>, undo?: Undo) => void;
  undo: Undo | null;
  /**
   * Sends the reviewed message. Does nothing while a message is being sent. Settles with the result. `again`: the user
   * knows that the same text went to this number a moment ago.
   */
  send: (content: Content, again?: boolean) => Promise<void>;
  /** The card's data may have caused the failure: a changed number, an unlinked account. */
  refreshCard: () => void;
}

interface Outcome {
  onSent: (result: SendResult) => void;
  refreshCard: () => void;
}

export function useComposer(record: RecordRef, { onSent, refreshCard }: Outcome): Composer {
  const { send, sending, error, forgive } = useSend(refreshCard);
  const { edits, setEdits, edit, undo, clear } = useEdits(forgive);
  const [isOpen, setOpen] = useState(false);
  const stored = useStoredDraft(record, isOpen, edits, setEdits);

  const opened = (data: CardData) => {
    setOpen(true);
    stored.opened(data);
    const { recipient } = currentRecipient(edits.recipient ?? null, usableNumbers(data.numbers));
    if (edits.recipient || !recipient) return;
    setEdits({ ...edits, recipient: { key: numberKey(recipient), number: recipient.recipient } });
  };

  return {
    record,
    isOpen,
    sending,
    error,
    draftFor: (data) => ({ ...emptyDraft(data.defaults), ...edits }),
    opened,
    closed: () => {
      setOpen(false);
      stored.closed();
    },
    edit,
    undo,
    send: async (content, again = false) => {
      const result = await send(content, again);
      if (!result) return;
      clear();
      setOpen(false);
      stored.sent();
      onSent(result);
    },
    refreshCard,
  };
}

/** The writer's changes, and the last one that was made for them. */
function useEdits(onEdit: () => void) {
  const [edits, setEdits] = useState<Partial<Draft>>({});
  const [undo, setUndo] = useState<Undo | null>(null);
  const edit = useCallback(
    (change: Partial<Draft>, undoable: Undo | null = null) => {
      setEdits((before) => ({ ...before, ...placed(before, change) }));
      setUndo(undoable);
      onEdit();
    },
    [onEdit],
  );
  const clear = () => {
    setEdits({});
    setUndo(null);
  };
  return { edits, setEdits, edit, undo, clear };
}

/** The change with the place of the writer in the text, as far as two texts tell it. */
function placed({ text = '' }: Partial<Draft>, change: Partial<Draft>): Partial<Draft> {
  if (change.text === undefined || 'cursor' in change) return change;
  return { ...change, cursor: changedUntil(text, change.text) };
}

/** Makes one call at a time, each content with its key. Returns null when there is no result to show. */
function useSend(onFailed: () => void) {
  const api = useApi();
  const [blame, setBlame] = useState<ApiError | null>(null);
  const attempt = useRef<Attempt | null>(null);
  const call = useCall((failure) => {
    if (failure.code === 'key_reused') attempt.current = null;
    setBlame(failure);
    // A question changes nothing on the record.
    if (failure.code !== 'sent_recently') onFailed();
  });

  const send = async (content: Content, again: boolean): Promise<SendResult | null> => {
    const done = await call.run(() => {
      attempt.current = attemptFor(attempt.current, content);
      return api.send({ ...content, idempotency_key: attempt.current.key, may_repeat: again });
    });
    if (!done) return null;
    attempt.current = null;
    setBlame(null);
    return done.answer;
  };

  const forgive = useCallback(() => setBlame((before) => (before?.undecided ? before : null)), []);
  return { send, sending: call.busy, error: blame, forgive };
}

/** The state of the composer. It lives above the Panel, so closing it, an error or new card data lose nothing. */
import { useApi, type ApiError, type CardData, type RecordRef, type SendResult } from '@connector/api';
import { useCall, type Rewrite } from '@connector/sms-ui';
import { useCallback, useRef, useState } from 'react';
import { attemptFor, type Attempt, type Content } from './attempt';
import { emptyDraft, type Draft } from './draft';
import { currentRecipient, numberKey, usableNumbers } from './recipients';

/** A change that was made for the writer, who may take it back until they change something themselves. */
export interface Undo {
  made: { kind: 'rewrite'; rewrite: Rewrite } | { kind: 'template'; name: string };
  before: Partial<Draft>;
}

export interface Composer {
  record: RecordRef;
  /** Whether the panel is in view: only then is a preview asked for. */
  isOpen: boolean;
  sending: boolean;
  /** Why the last attempt failed; goes when the draft is changed, unless nobody knows whether it was sent. */
  error: ApiError | null;
  draftFor: (data: CardData) => Draft;
  /** Fixes the recipient that the user is about to see, so that a later change of the record is noticed. */
  opened: (data: CardData) => void;
  closed: () => void;
  edit: (change: Partial<Draft>, undo?: Undo) => void;
  undo: Undo | null;
  /** Sends what was reviewed. Does nothing while a message is on its way. Settles when it is decided. */
  send: (content: Content) => Promise<void>;
  /** What the card shows may be what was wrong: a changed number, an unlinked account. */
  refreshCard: () => void;
}

interface Outcome {
  onSent: (result: SendResult) => void;
  refreshCard: () => void;
}

export function useComposer(record: RecordRef, { onSent, refreshCard }: Outcome): Composer {
  const { send, sending, error, forgive } = useSend(refreshCard);
  const [edits, setEdits] = useState<Partial<Draft>>({});
  const [undo, setUndo] = useState<Undo | null>(null);
  const [isOpen, setOpen] = useState(false);

  const edit = useCallback(
    (change: Partial<Draft>, undoable: Undo | null = null) => {
      setEdits((before) => ({ ...before, ...change }));
      setUndo(undoable);
      forgive();
    },
    [forgive],
  );

  const opened = (data: CardData) => {
    setOpen(true);
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
    closed: () => setOpen(false),
    edit,
    undo,
    send: async (content) => {
      const result = await send(content);
      if (!result) return;
      setEdits({});
      setUndo(null);
      setOpen(false);
      onSent(result);
    },
    refreshCard,
  };
}

/** One call at a time, each content with its key. Returns null when there is no result to show. */
function useSend(onFailed: () => void) {
  const api = useApi();
  const [blame, setBlame] = useState<ApiError | null>(null);
  const attempt = useRef<Attempt | null>(null);
  const call = useCall((failure) => {
    if (failure.code === 'key_reused') attempt.current = null;
    setBlame(failure);
    onFailed();
  });

  const send = async (content: Content): Promise<SendResult | null> => {
    const done = await call.run(() => {
      attempt.current = attemptFor(attempt.current, content);
      return api.send({ ...content, idempotency_key: attempt.current.key });
    });
    if (!done) return null;
    attempt.current = null;
    setBlame(null);
    return done.answer;
  };

  const forgive = useCallback(() => setBlame((before) => (before?.undecided ? before : null)), []);
  return { send, sending: call.busy, error: blame, forgive };
}

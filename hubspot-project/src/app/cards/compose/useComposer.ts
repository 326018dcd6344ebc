/** The state of the composer. It lives above the Panel, so closing it, an error or new card data lose nothing. */
import {
  toApiError,
  useApi,
  type ApiError,
  type CardData,
  type RecordRef,
  type SendResult,
} from '@connector/api';
import { useCallback, useRef, useState } from 'react';
import { attemptFor, type Attempt, type Content } from './attempt';
import { emptyDraft, reviewDraft, type Draft, type Recipient, type Review } from './draft';

export interface Composer {
  sending: boolean;
  /** Why the last attempt failed; goes when the draft is changed, unless nobody knows whether it was sent. */
  error: ApiError | null;
  draftFor: (data: CardData) => Draft;
  /** Fixes the recipient that the user is about to see, so that a later change of the record is noticed. */
  opened: (data: CardData) => void;
  edit: (change: Partial<Draft>) => void;
  /** Sends what was reviewed. Does nothing while a message is on its way. Settles when it is decided. */
  send: (draft: Draft, review: Review) => Promise<void>;
}

interface Outcome {
  onSent: (result: SendResult) => void;
  onFailed: (error: ApiError) => void;
}

export function useComposer(record: RecordRef, { onSent, onFailed }: Outcome): Composer {
  const { send, sending, error, forgive } = useSend(onFailed);
  const [edits, setEdits] = useState<Partial<Draft>>({});

  const edit = useCallback(
    (change: Partial<Draft>) => {
      setEdits((before) => ({ ...before, ...change }));
      forgive();
    },
    [forgive],
  );

  return {
    sending,
    error,
    draftFor: (data) => ({ ...emptyDraft(data.defaults), ...edits }),
    opened: (data) => {
      const draft = { ...emptyDraft(data.defaults), ...edits };
      if (!draft.recipient) edit({ recipient: reviewDraft(draft, data.numbers).recipient });
    },
    edit,
    send: async (draft, review) => {
      if (!review.recipient || review.block) return;
      const result = await send(toContent(record, draft, review, review.recipient));
      if (!result) return;
      setEdits({});
      onSent(result);
    },
  };
}

/** One call at a time, each content with its key. Returns null when there is no result to show. */
function useSend(onFailed: Outcome['onFailed']) {
  const api = useApi();
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const attempt = useRef<Attempt | null>(null);
  // A second click can arrive before the state of the first has reached the button.
  const busy = useRef(false);

  const send = async (content: Content): Promise<SendResult | null> => {
    if (busy.current) return null;
    busy.current = true;
    setSending(true);
    attempt.current = attemptFor(attempt.current, content);
    try {
      const result = await api.send({ ...content, idempotency_key: attempt.current.key });
      attempt.current = null;
      setError(null);
      return result;
    } catch (thrown) {
      const failure = toApiError(thrown);
      if (failure.code === 'key_reused') attempt.current = null;
      setError(failure);
      onFailed(failure);
      return null;
    } finally {
      busy.current = false;
      setSending(false);
    }
  };

  const forgive = useCallback(() => setError((before) => (before?.undecided ? before : null)), []);
  return { send, sending, error, forgive };
}

function toContent(record: RecordRef, draft: Draft, review: Review, recipient: Recipient): Content {
  return {
    ...record,
    property: recipient.property,
    recipient: recipient.number,
    push_type: draft.pushType,
    sender: review.sender,
    unicode: draft.unicode,
    text: draft.text,
  };
}

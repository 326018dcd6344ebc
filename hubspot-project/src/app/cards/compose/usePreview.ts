/** The backend's preview of a message, requested again whenever the message has changed and its writer pauses. */
import { ApiError, toApiError, useApi, type MessageCommand, type Preview } from '@connector/api';
import type { TokenValues } from '@connector/sms-ui';
import { useCallback, useEffect, useRef, useState } from 'react';

/** Long enough for the writer's next keystroke, short enough to be ready when the writer looks at the preview. */
export const PREVIEW_DELAY_MS = 500;
/** Marketing that is about to leave may run into the end of the legal hours while the composer is open. */
export const PREVIEW_LIFE_MS = 120_000;

export type PreviewState =
  /** There is nothing to preview: the draft must be corrected first. */
  | { status: 'idle' }
  /** `last`: the preview of the earlier draft, until a newer one arrives. */
  | { status: 'waiting'; last: Preview | null }
  | { status: 'ready'; preview: Preview }
  | { status: 'refused'; error: ApiError };

export interface PreviewControl {
  state: PreviewState;
  /** The values of properties in the last preview to the same number. */
  values: TokenValues;
  retry: () => void;
}

interface Answer {
  /** The command of this preview. */
  key: string;
  result: Preview | ApiError;
}

interface Known {
  recipient: string;
  values: TokenValues;
}

/** `command`: null when there is nothing to preview. Answers to older commands are dropped. */
export function usePreview(
  command: MessageCommand | null,
  onRefused: (error: ApiError) => void,
): PreviewControl {
  const api = useApi();
  const key = command && JSON.stringify(command);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [known, setKnown] = useState<Known>({ recipient: '', values: {} });
  const [round, setRound] = useState(0);
  const refused = useRef(onRefused);
  useEffect(() => {
    refused.current = onRefused;
  }, [onRefused]);

  useEffect(() => {
    if (key === null) return undefined;
    let late = false;
    const ask = async () => {
      const asked = JSON.parse(key) as MessageCommand;
      const result = await api.preview(asked).catch(toApiError);
      if (late) return;
      setAnswer({ key, result });
      if (!(result instanceof ApiError)) setKnown({ recipient: asked.recipient, values: result.values });
      if (result instanceof ApiError) refused.current(result);
    };
    const timer = setTimeout(() => void ask(), PREVIEW_DELAY_MS);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [api, key, round]);

  const state = stateOf(key, answer);
  const again = useCallback(() => setRound((before) => before + 1), []);
  useExpiry(state.status === 'ready' && command?.push_type === 'marketing' ? answer : null, again);

  const retry = () => {
    setAnswer(null);
    again();
  };
  return { state, values: command?.recipient === known.recipient ? known.values : {}, retry };
}

/** Asks again for a preview that grows old while the composer is open; null: it does not. */
function useExpiry(answer: Answer | null, again: () => void): void {
  useEffect(() => {
    if (!answer) return undefined;
    const timer = setTimeout(again, PREVIEW_LIFE_MS);
    return () => clearTimeout(timer);
  }, [answer, again]);
}

function stateOf(key: string | null, answer: Answer | null): PreviewState {
  if (key === null) return { status: 'idle' };
  const result = answer?.result ?? null;
  if (answer?.key !== key) return { status: 'waiting', last: result instanceof ApiError ? null : result };
  if (result instanceof ApiError) return { status: 'refused', error: result };
  return result ? { status: 'ready', preview: result } : { status: 'waiting', last: null };
}

/** What the backend says a message would be, asked again whenever the message has changed and its writer pauses. */
import { ApiError, toApiError, useApi, type MessageCommand, type Preview } from '@connector/api';
import { useEffect, useRef, useState } from 'react';

/** Long enough for a writer's next keystroke, short enough to be there when the eyes reach the preview. */
export const PREVIEW_DELAY_MS = 500;
/** Marketing that is about to leave may run into the end of the legal hours while the composer is open. */
export const PREVIEW_LIFE_MS = 120_000;

export type PreviewState =
  /** There is nothing to preview: something in the draft must be mended first. */
  | { status: 'idle' }
  /** `last`: of the draft as it was before, for as long as nothing newer is known. */
  | { status: 'waiting'; last: Preview | null }
  | { status: 'ready'; preview: Preview }
  | { status: 'refused'; error: ApiError };

export interface PreviewControl {
  state: PreviewState;
  retry: () => void;
}

interface Answer {
  /** The command that it answers. */
  key: string;
  result: Preview | ApiError;
}

/** `command`: null for nothing to preview. Answers to a command that is no longer the newest are dropped. */
export function usePreview(
  command: MessageCommand | null,
  onRefused: (error: ApiError) => void,
): PreviewControl {
  const api = useApi();
  const key = command && JSON.stringify(command);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [round, setRound] = useState(0);
  const refused = useRef(onRefused);
  useEffect(() => {
    refused.current = onRefused;
  }, [onRefused]);

  useEffect(() => {
    if (key === null) return undefined;
    let late = false;
    const ask = async () => {
      const result = await api.preview(JSON.parse(key) as MessageCommand).catch(toApiError);
      if (late) return;
      setAnswer({ key, result });
      if (result instanceof ApiError) refused.current(result);
    };
    const timer = setTimeout(() => void ask(), PREVIEW_DELAY_MS);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [api, key, round]);

  const state = stateOf(key, answer);
  const expires = state.status === 'ready' && command?.push_type === 'marketing';
  useEffect(() => {
    if (!expires) return undefined;
    const timer = setTimeout(() => setRound((before) => before + 1), PREVIEW_LIFE_MS);
    return () => clearTimeout(timer);
  }, [expires, key, answer]);

  const retry = () => {
    setAnswer(null);
    setRound((before) => before + 1);
  };
  return { state, retry };
}

function stateOf(key: string | null, answer: Answer | null): PreviewState {
  if (key === null) return { status: 'idle' };
  const result = answer?.result ?? null;
  if (answer?.key !== key) return { status: 'waiting', last: result instanceof ApiError ? null : result };
  if (result instanceof ApiError) return { status: 'refused', error: result };
  return result ? { status: 'ready', preview: result } : { status: 'waiting', last: null };
}

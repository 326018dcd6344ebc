/** Data of the backend in a component: loading, an error, or data that is refreshed in the background. */
import { toApiError, type ApiError } from '@connector/api';
import { useCallback, useEffect, useRef, useState } from 'react';

export type Remote<T> =
  | { status: 'loading' }
  | { status: 'error'; error: ApiError }
  /** `refreshError`: the newest refresh failed, so the data are older. */
  | { status: 'ready'; data: T; refreshError: ApiError | null };

export interface RemoteControl<T> {
  remote: Remote<T>;
  /** Load again from the loading state; for a button. */
  retry: () => void;
  /** Refresh while the data stay in view. Settles when done, never rejects. */
  refresh: () => Promise<void>;
  /** Set data that is already known. Answers under way do not include it and are dropped. */
  update: (change: (data: T) => T) => void;
}

/** Loads at once, and again whenever `load` changes, so callers memoise it. Late answers are dropped. */
export function useRemote<T>(load: () => Promise<T>): RemoteControl<T> {
  const [remote, setRemote] = useState<Remote<T>>({ status: 'loading' });
  // The number of the newest request; answers to all others are late.
  const question = useRef(0);

  const refresh = useCallback(async () => {
    question.current += 1;
    const mine = question.current;
    const answer = await load().then(ready, failed);
    if (mine !== question.current) return;
    setRemote((before) => keepData(before, answer));
  }, [load]);

  const retry = useCallback(() => {
    setRemote({ status: 'loading' });
    void refresh();
  }, [refresh]);

  useEffect(() => {
    retry();
    return () => {
      question.current += 1;
    };
  }, [retry]);

  const update = useCallback((change: (data: T) => T) => {
    question.current += 1;
    setRemote((before) => (before.status === 'ready' ? { ...before, data: change(before.data) } : before));
  }, []);

  return { remote, retry, refresh, update };
}

function ready<T>(data: T): Remote<T> {
  return { status: 'ready', data, refreshError: null };
}

function failed(thrown: unknown): { status: 'error'; error: ApiError } {
  return { status: 'error', error: toApiError(thrown) };
}

/** A failed refresh leaves the data in view. */
function keepData<T>(before: Remote<T>, answer: Remote<T>): Remote<T> {
  if (answer.status !== 'error' || before.status !== 'ready') return answer;
  return { ...before, refreshError: answer.error };
}

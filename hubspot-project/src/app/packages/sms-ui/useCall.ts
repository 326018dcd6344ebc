/** A call to the backend that a button starts: never two at once, with the error of the last one. */
import { toApiError, type ApiError } from '@connector/api';
import { useCallback, useRef, useState } from 'react';

export interface Call {
  busy: boolean;
  /** The error of the last call; cleared when the next one starts. */
  error: ApiError | null;
  /** The answer, or null if the call failed or another is still under way. Never rejects. */
  run: <T>(call: () => Promise<T>) => Promise<{ answer: T } | null>;
  forgetError: () => void;
}

export function useCall(onFailed?: (error: ApiError) => void): Call {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  // A second click can arrive before the state of the first has reached the button.
  const underWay = useRef(false);

  const run: Call['run'] = async (call) => {
    if (underWay.current) return null;
    underWay.current = true;
    setBusy(true);
    setError(null);
    try {
      return { answer: await call() };
    } catch (thrown) {
      const failure = toApiError(thrown);
      setError(failure);
      onFailed?.(failure);
      return null;
    } finally {
      underWay.current = false;
      setBusy(false);
    }
  };

  return { busy, error, run, forgetError: useCallback(() => setError(null), []) };
}

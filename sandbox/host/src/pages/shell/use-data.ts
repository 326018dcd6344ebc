// Reads data once per key, with the three states that a page must draw.

import { useEffect, useRef, useState } from 'react';

export type Remote<T> =
  | { status: 'loading' }
  | { status: 'ready'; data: T }
  | { status: 'failed'; error: Error };

/** Reads again when `key` changes, with the current `read`; answers for older keys are dropped. */
export function useData<T>(read: () => Promise<T>, key: string): Remote<T> {
  const [state, setState] = useState<Remote<T>>({ status: 'loading' });
  const latest = useRef(read);
  latest.current = read;
  useEffect(() => {
    let current = true;
    latest.current().then(
      (data) => current && setState({ status: 'ready', data }),
      (error: Error) => current && setState({ status: 'failed', error }),
    );
    return () => {
      current = false;
    };
  }, [key]);
  return state;
}

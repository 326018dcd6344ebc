/** Polls with growing pauses until the state is final. HubSpot offers no push to extensions. */
import { useEffect, useRef } from 'react';

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 120_000;

/**
 * The pause before the next poll: a tenth of the time waited so far. A receipt usually arrives within seconds. After
 * an hour without one (phone switched off), polling every other second is not worthwhile.
 */
export function nextWaitMs(waitedMs: number): number {
  return Math.min(Math.max(FIRST_WAIT_MS, waitedMs / 10), LONGEST_WAIT_MS);
}

/**
 * Calls `ask` while `active`. The next pause starts when the last call has settled (`ask` must not reject).
 * Another `subject` starts over with short pauses.
 */
export function usePolling(active: boolean, subject: string, ask: () => Promise<void>): void {
  const newest = useRef(ask);
  useEffect(() => {
    newest.current = ask;
  }, [ask]);

  useEffect(() => {
    if (!active) return undefined;
    let waitedMs = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stopped = false;
    const wait = () => {
      const waitMs = nextWaitMs(waitedMs);
      waitedMs += waitMs;
      timer = setTimeout(() => {
        void newest.current().then(() => {
          if (!stopped) wait();
        });
      }, waitMs);
    };
    wait();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [active, subject]);
}

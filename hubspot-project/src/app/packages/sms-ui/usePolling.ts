/** Asks again and again while something is not final, more and more slowly. HubSpot offers no push to extensions. */
import { useEffect, useRef } from 'react';

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 120_000;

/**
 * The pause before the next question: a tenth of the time waited so far. A receipt usually comes within seconds; one
 * that has not come in an hour (phone switched off) is not worth asking for every other second.
 */
export function nextWaitMs(waitedMs: number): number {
  return Math.min(Math.max(FIRST_WAIT_MS, waitedMs / 10), LONGEST_WAIT_MS);
}

/**
 * Calls `ask` while `active`, the next pause starting only when the last call has settled (`ask` must not reject).
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

// The factor by which pauses of pages and extensions are shorter than HubSpot's: 1, unless a test asks for more.

declare global {
  var sandboxPace: number | undefined;
}

/** The value that a test has set as `window.sandboxPace` before the page's scripts ran. */
export function pace(): number {
  return globalThis.sandboxPace ?? 1;
}

/** A pause between two polls, at that pace. */
export function paced(pauseMs: number): number {
  return pauseMs / pace();
}

/** Lets the timers of an extension's worker run at that pace. Call before the extension is loaded. */
export function setWorkerPace(scope: typeof globalThis, factor: number): void {
  if (factor === 1) return;
  const native = scope.setTimeout.bind(scope);
  const faster = (run: TimerHandler, pauseMs = 0, ...args: unknown[]): number =>
    native(run, pauseMs / factor, ...args);
  scope.setTimeout = faster as typeof scope.setTimeout;
}

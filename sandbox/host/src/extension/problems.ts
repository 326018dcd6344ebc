// Records every error of an extension for people and tests: in the card, in `window.__hostProblems`, and as
// `data-host-problems` on <html>.

import type { ProblemReport } from '../protocol';

export interface Problem extends ProblemReport {
  /** uid of the extension. */
  extension: string;
}

declare global {
  interface Window {
    __hostProblems: Problem[];
  }
}

window.__hostProblems = [];

/** Kinds after which the card is unreliable; the others are drawn in place and the card continues. */
const FATAL = new Set<ProblemReport['kind']>(['unclonable', 'load-failed', 'render-failed', 'worker-error']);

export function isFatal(problem: ProblemReport): boolean {
  return FATAL.has(problem.kind);
}

/** Records a problem once; returns false when it is already recorded. */
export function recordProblem(problem: Problem): boolean {
  const same = (other: Problem): boolean =>
    other.extension === problem.extension && other.kind === problem.kind && other.message === problem.message;
  if (window.__hostProblems.some(same)) return false;
  window.__hostProblems.push(problem);
  document.documentElement.dataset.hostProblems = String(window.__hostProblems.length);
  console.error(`[${problem.extension}] ${problem.kind}: ${problem.message}`);
  return true;
}

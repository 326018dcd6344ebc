/** What SMSFactor says it would do with a message: stands above the button, unlike what is merely worth knowing. */
import { VERDICT_CODES, type CodedProblem, type Preview } from '@connector/api';

export interface Verdict extends CodedProblem {
  code: (typeof VERDICT_CODES)[number];
}

/** Null where SMSFactor would send it, or did not say. */
export function verdictOf(preview: Preview): Verdict | null {
  return preview.warnings.find(isVerdict) ?? null;
}

export function isVerdict(warning: CodedProblem): warning is Verdict {
  return (VERDICT_CODES as readonly string[]).includes(warning.code);
}

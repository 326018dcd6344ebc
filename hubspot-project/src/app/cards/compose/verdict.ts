/** SMSFactor's verdict on a message, shown above the button; mere notes are shown elsewhere. */
import { VERDICT_CODES, type CodedProblem, type Preview } from '@connector/api';

export interface Verdict extends CodedProblem {
  code: (typeof VERDICT_CODES)[number];
}

/** Null when SMSFactor would send it or gave no verdict. */
export function verdictOf(preview: Preview): Verdict | null {
  return preview.warnings.find(isVerdict) ?? null;
}

export function isVerdict(warning: CodedProblem): warning is Verdict {
  return (VERDICT_CODES as readonly string[]).includes(warning.code);
}

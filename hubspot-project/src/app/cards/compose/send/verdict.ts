/** The facts of a preview that decide about the button: SMSFactor's verdict, and the time of departure. */
import { VERDICT_CODES, type CodedProblem, type Preview } from '@connector/api';

export interface Verdict extends CodedProblem {
  code: (typeof VERDICT_CODES)[number];
}

/** Null when SMSFactor would send it or gave no verdict. */
export function verdictOf(preview: Preview): Verdict | null {
  return preview.warnings.find(isVerdict) ?? null;
}

/** Reasons that concern the number: another text or time changes nothing. */
const NUMBER_REASONS: readonly unknown[] = ['npai', 'invalid_number', 'blacklisted'];

/** Whether the number itself cannot be texted. */
export function refusesNumber(verdict: Verdict | null): boolean {
  return verdict?.code === 'gateway_would_refuse' && NUMBER_REASONS.includes(verdict.params['reason']);
}

export function isVerdict(warning: CodedProblem): warning is Verdict {
  return (VERDICT_CODES as readonly string[]).includes(warning.code);
}

/** Whether the SMS leaves at a later time than now: by the legal hours, or because that was asked for. */
export function leavesLater(preview: Preview, sendAt: string | null): boolean {
  return preview.is_delayed || sendAt !== null;
}

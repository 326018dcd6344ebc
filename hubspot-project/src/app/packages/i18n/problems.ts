/** Sentences for codes: of a failed call, of a lasting problem, of a number that cannot be used, of a message. */
import type { ApiError, CodedProblem } from '@connector/api';
import { formatCharacters } from './format';
import { isTextKey, type Slots, type Translate } from './translate';

/** What the user was doing: the same code may mean "nothing happened" for one and "nobody knows" for another. */
export type Doing = 'read' | 'send' | 'link';

/** What happened, whether anything was sent or charged, and what to do. */
export function errorText(error: ApiError, doing: Doing, t: Translate): string {
  const slots = toSlots(error.params, t);
  for (const key of [`error_${doing}.${error.code}`, `error.${error.code}`]) {
    if (isTextKey(key)) return t(key, slots);
  }
  return t('error.unexpected', { code: error.code });
}

/** A fault that stays until someone mends it. */
export function problemText(problem: CodedProblem, t: Translate): string {
  const key = `problem.${problem.code}`;
  return isTextKey(key) ? t(key, toSlots(problem.params, t)) : t('problem.other', { code: problem.code });
}

/** Why no SMS can go to a number, in a few words. */
export function numberProblemText(problem: CodedProblem, t: Translate): string {
  const key = problem.code.replace('number_', 'number.');
  return isTextKey(key) ? t(key) : t('number.unusable');
}

/** Why a message has its status; a reason that is not known here says so. */
export function reasonText(reason: string, t: Translate): string {
  const key = `reason.${reason}`;
  return isTextKey(key) ? t(key) : t('reason.unknown_code');
}

/** The label of a phone property; its internal name where it is a portal's own. */
export function propertyText(property: string, t: Translate): string {
  const key = `property.${property}`;
  return isTextKey(key) ? t(key) : property;
}

function toSlots(params: Record<string, unknown>, t: Translate): Slots {
  const slots: Slots = {};
  for (const [name, value] of Object.entries(params)) {
    if (Array.isArray(value)) slots[name] = formatCharacters(value.map(String), t);
    else if (typeof value === 'number') slots[name] = value;
    else if (typeof value === 'string') slots[name] = value;
  }
  return slots;
}

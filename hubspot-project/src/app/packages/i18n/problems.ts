/** Sentences for codes: of a failed call, of a lasting problem, of a number that cannot be used, of a message. */
import type { ApiError, CodedProblem, PhoneNumber } from '@connector/api';
import { formatCharacters, formatCountry, formatPhone } from './format';
import { isTextKey, type Slots, type Translate } from './translate';

/** What the user was doing: the same code may mean "nothing happened" for one and "nobody knows" for another. */
export type Doing = 'read' | 'preview' | 'send' | 'cancel' | 'consent' | 'template' | 'link' | 'outgoing';

/** What happened, whether anything was sent or charged, and what to do. */
export function errorText(error: ApiError, doing: Doing, t: Translate): string {
  const slots = toSlots(error.params, t);
  for (const key of [`error_${doing}.${error.code}`, `error.${error.code}`]) {
    if (isTextKey(key)) return t(key, slots);
  }
  return t('error.unexpected', { code: error.code });
}

/** Faults between the app and HubSpot: the SMSFactor account has no part in them. */
const HUBSPOT_PROBLEMS: ReadonlySet<string> = new Set([
  'hubspot_unauthorised',
  'hubspot_scope_missing',
  'property_unusable',
  'timeline_refused',
  'callbacks_expired',
]);

/** Whose fault it is that stays; of one that is not known here, nobody's in particular. */
export function problemTitle({ code }: CodedProblem, t: Translate): string {
  if (HUBSPOT_PROBLEMS.has(code)) return t('card.problem.hubspot_title');
  return t(isTextKey(`problem.${code}`) ? 'card.problem.title' : 'card.problem.other_title');
}

/** A fault that stays until someone mends it. */
export function problemText(problem: CodedProblem, t: Translate): string {
  const key = `problem.${problem.code}`;
  return isTextKey(key) ? t(key, toSlots(problem.params, t)) : t('problem.other', { code: problem.code });
}

/** What a preview points out, with the reason of a message where it has one; null for what this version has no words for. */
export function warningText(warning: CodedProblem, t: Translate): string | null {
  const key = `warning.${warning.code}`;
  return isTextKey(key) ? t(key, toSlots(warning.params, t)) : null;
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

/** The name of a number's country; « another country » where the code names none. */
export function countryText(code: unknown, t: Translate): string {
  const name = typeof code === 'string' ? formatCountry(code, t.language) : null;
  return name ?? t('country.unknown');
}

/** What holds messages back, as a part of a sentence; « too many wait » where this version has no words for it. */
function causeText(code: unknown, t: Translate): string {
  const key = `cause.${String(code)}`;
  return isTextKey(key) ? t(key) : t('cause.backlog');
}

/** A phone property in the reader's language where it is HubSpot's own, else as the portal calls it. */
export function propertyText(name: string, label: string | null, t: Translate): string {
  const key = `property.${name}`;
  return isTextKey(key) ? t(key) : (label ?? name);
}

/** Which number it is: whose, where that is not plain, and by which property. */
export function numberLabel(number: PhoneNumber, t: Translate): string {
  const { owner_name: owner, property, property_label } = number;
  const label = propertyText(property, property_label, t);
  return owner ? t('number.owned', { owner, property: label }) : label;
}

function toSlots({ labels, ...params }: Record<string, unknown>, t: Translate): Slots {
  const slots: Slots = {};
  for (const [name, value] of Object.entries(params)) {
    if (name === 'country') slots[name] = countryText(value, t);
    else if (name === 'reason' && typeof value === 'string') slots[name] = reasonText(value, t);
    else if (name === 'cause') slots[name] = causeText(value, t);
    else if (name === 'number' && typeof value === 'string') slots[name] = formatPhone(value);
    else if (Array.isArray(value)) slots[name] = formatCharacters(value.map(String), t);
    else if (typeof value === 'number') slots[name] = value;
    else if (typeof value === 'string') slots[name] = value;
  }
  // Where the backend also knows what the portal calls the named properties, that is what a reader knows them by.
  if (Array.isArray(labels)) slots['names'] = formatCharacters(labels.map(String), t);
  return slots;
}

/** Sentences for codes: of a failed call, of a lasting problem, of a number that cannot be used, of a message. */
import type { ApiError, CodedProblem, PhoneNumber } from '@connector/api';
import { formatCharacters, formatCountry, formatPhone } from './format';
import { isTextKey, type Slots, type Translate } from './translate';

/** The user's action: the same code may mean "no effect" for one action and "effect unknown" for another. */
export type Doing =
  | 'read'
  | 'preview'
  | 'send'
  | 'cancel'
  | 'held'
  | 'consent'
  | 'opt_out'
  | 'template'
  | 'link'
  | 'outgoing';

/** States what happened, whether anything was sent or charged, and what to do. */
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
  'time_zone_unknown',
]);

/** The title of a lasting problem, which names the party at fault; neutral for a code unknown here. */
export function problemTitle({ code }: CodedProblem, t: Translate): string {
  if (HUBSPOT_PROBLEMS.has(code)) return t('card.problem.hubspot_title');
  return t(isTextKey(`problem.${code}`) ? 'card.problem.title' : 'card.problem.other_title');
}

/** The sentence for a lasting problem, shown until it is fixed. */
export function problemText(problem: CodedProblem, t: Translate): string {
  const key = `problem.${problem.code}`;
  return isTextKey(key) ? t(key, toSlots(problem.params, t)) : t('problem.other', { code: problem.code });
}

/** The sentence for a preview's note, with the reason if it has one; null for a code without a text in this version. */
export function warningText(warning: CodedProblem, t: Translate): string | null {
  const key = `warning.${warning.code}`;
  return isTextKey(key) ? t(key, toSlots(warning.params, t)) : null;
}

/** A short reason why no SMS can go to a number. */
export function numberProblemText(problem: CodedProblem, t: Translate): string {
  const key = problem.code.replace('number_', 'number.');
  return isTextKey(key) ? t(key) : t('number.unusable');
}

/** The reason for a message's status; an unknown reason gets a sentence that says so. */
export function reasonText(reason: string, t: Translate): string {
  const key = `reason.${reason}`;
  return isTextKey(key) ? t(key) : t('reason.unknown_code');
}

/** The name of a number's country; « another country » where the code names none. */
export function countryText(code: unknown, t: Translate): string {
  const name = typeof code === 'string' ? formatCountry(code, t.language) : null;
  return name ?? t('country.unknown');
}

/** The cause that holds messages back, as part of a sentence; « too many wait » for an unknown cause. */
function causeText(code: unknown, t: Translate): string {
  const key = `cause.${String(code)}`;
  return isTextKey(key) ? t(key) : t('cause.backlog');
}

/** The name of a phone property: in the reader's language for HubSpot's own, else the portal's label. */
export function propertyText(name: string, label: string | null, t: Translate): string {
  const key = `property.${name}`;
  return isTextKey(key) ? t(key) : (label ?? name);
}

/** Identifies a number by its property, and by its owner where that is not obvious. */
export function numberLabel(number: PhoneNumber, t: Translate): string {
  const { owner_name: owner, property, property_label } = number;
  const label = propertyText(property, property_label, t);
  return owner ? t('number.owned', { owner, property: label }) : label;
}

/** The name of an input as the views show it; « a piece of this page’s data » for one that no person fills in. */
function fieldText(name: unknown, t: Translate): string {
  const key = `field.${String(name)}`;
  return t(isTextKey(key) ? key : 'field.other');
}

/** Properties of a record: the app’s own by the label that HubSpot shows. */
function namesText(names: readonly unknown[], t: Translate): string {
  return formatCharacters(
    names.map((name) => propertyText(String(name), null, t)),
    t,
  );
}

function toSlots({ labels, ...params }: Record<string, unknown>, t: Translate): Slots {
  const slots: Slots = {};
  for (const [name, value] of Object.entries(params)) {
    if (name === 'country') slots[name] = countryText(value, t);
    else if (name === 'reason' && typeof value === 'string') slots[name] = reasonText(value, t);
    else if (name === 'cause') slots[name] = causeText(value, t);
    else if (name === 'field') slots[name] = fieldText(value, t);
    else if (name === 'names' && Array.isArray(value)) slots[name] = namesText(value, t);
    else if (name === 'number' && typeof value === 'string') slots[name] = formatPhone(value);
    else if (Array.isArray(value)) slots[name] = formatCharacters(value.map(String), t);
    else if (typeof value === 'number') slots[name] = value;
    else if (typeof value === 'string') slots[name] = value;
  }
  // If the backend sends the portal's labels of the named properties, the sentence uses them.
  if (Array.isArray(labels)) slots['names'] = formatCharacters(labels.map(String), t);
  return slots;
}

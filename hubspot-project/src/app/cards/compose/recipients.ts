/** The usable numbers for an SMS, the chosen one, and the owner's opt-out. */
import type { CardData, PhoneNumber, PushType } from '@connector/api';

export type UsableNumber = PhoneNumber & { recipient: string };

export interface ChosenNumber {
  /** Property and record of a number: the key of a choice (see `numberKey`). */
  key: string;
  /** E.164. */
  number: string;
}

/**
 * `gone`: the chosen property no longer holds a usable number. `changed`: it holds another one. `ambiguous`: nothing is
 * chosen, because each number has two readings.
 */
export type RecipientState = 'as_chosen' | 'gone' | 'changed' | 'ambiguous';

/** Whether the owner has opted out, and whether this message may be sent all the same. */
export type Consent = 'given' | 'marketing_blocked' | 'alert_blocked' | 'alert_allowed';

/** The same property of another contact of a deal is another number, and so is its other reading. */
export function numberKey({ object_type_id, object_id, property, ...number }: PhoneNumber): string {
  const key = `${object_type_id}/${object_id}/${property}`;
  return number.is_ambiguous ? `${key}/${number.recipient ?? ''}` : key;
}

export function usableNumbers(numbers: PhoneNumber[]): UsableNumber[] {
  return numbers.filter((number): number is UsableNumber => Boolean(number.recipient) && !number.error);
}

/** A choice refers to its property. It is never replaced silently: after a number vanishes, none is chosen. */
export function currentRecipient(
  chosen: ChosenNumber | null,
  usable: UsableNumber[],
): { recipient: UsableNumber | null; recipientState: RecipientState } {
  if (!chosen) {
    const recipient = suggested(usable);
    return { recipient, recipientState: recipient || !usable.length ? 'as_chosen' : 'ambiguous' };
  }
  const now = usable.find((number) => numberKey(number) === chosen.key);
  if (!now) return { recipient: null, recipientState: 'gone' };
  return { recipient: now, recipientState: now.recipient === chosen.number ? 'as_chosen' : 'changed' };
}

/** The first number that is neither opted out nor unassigned, else the first. An ambiguous one is never suggested. */
function suggested(usable: UsableNumber[]): UsableNumber | null {
  const sure = usable.filter(({ is_ambiguous }) => !is_ambiguous);
  return sure.find(({ is_opted_out, is_npai }) => !is_opted_out && !is_npai) ?? sure[0] ?? null;
}

/** The backend's own rule, checked early so that no message is written in vain. */
export function consentOf(
  number: PhoneNumber | null,
  pushType: PushType,
  rule: CardData['alert_rule'],
): Consent {
  if (!number?.is_opted_out) return 'given';
  if (pushType === 'marketing') return 'marketing_blocked';
  return rule === 'allow' ? 'alert_allowed' : 'alert_blocked';
}

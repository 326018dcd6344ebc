/** The typed limits and their parsed values. */
import type { Outgoing, OutgoingLimits } from '@connector/api';

/** The fields in display order. The ages cover the known sources; others stay unchanged. */
export const FIELDS = ['hourly_cap', 'pace_per_minute', 'card', 'workflow', 'once_within_h'] as const;
export type Field = (typeof FIELDS)[number];
export type Draft = Record<Field, string>;

/** A week. */
const LONGEST_H = 168;

/** The backend's own bounds, in messages and in hours; all begin at 1. */
export const LARGEST: Record<Field, number> = {
  hourly_cap: 1_000_000,
  pace_per_minute: 1_000_000,
  card: LONGEST_H,
  workflow: LONGEST_H,
  once_within_h: LONGEST_H,
};

/** An empty field means "no limit", or "no such rule". Elsewhere it is an error: every message has a maximum age. */
export function mayBeEmpty(field: Field): boolean {
  return field !== 'card' && field !== 'workflow';
}

export function valueOf(field: Field, data: Outgoing): number | null {
  return field === 'card' || field === 'workflow' ? data.max_ages_h[field] : data[field];
}

/** The value with its unit inside the field, where the label does not name it: `24 h`. */
export function withUnit(field: Field, number: string): string {
  return number && inHours(field) ? `${number}\u00a0h` : number;
}

export function inHours(field: Field): boolean {
  return LARGEST[field] === LONGEST_H;
}

export function draftOf(data: Outgoing): Draft {
  const typed = (field: Field) => withUnit(field, String(valueOf(field, data) ?? ''));
  return {
    hourly_cap: typed('hourly_cap'),
    pace_per_minute: typed('pace_per_minute'),
    card: typed('card'),
    workflow: typed('workflow'),
    once_within_h: typed('once_within_h'),
  };
}

/**
 * The number that was typed, null for an empty field; undefined: neither. People write 2 000 with a space, and may
 * write the unit or leave it out.
 */
function readField(field: Field, typed: string): number | null | undefined {
  const bare = typed.replace(/\s/g, '');
  const digits = inHours(field) ? bare.replace(/h$/i, '') : bare;
  if (digits === '') return mayBeEmpty(field) ? null : undefined;
  const number = /^\d{1,9}$/.test(digits) ? Number(digits) : 0;
  return number >= 1 && number <= LARGEST[field] ? number : undefined;
}

export function isWrong(field: Field, typed: string): boolean {
  return readField(field, typed) === undefined;
}

/** The values of the draft; null while a field is wrong. */
export function readDraft(draft: Draft, data: Outgoing): OutgoingLimits | null {
  const cap = readField('hourly_cap', draft.hourly_cap);
  const pace = readField('pace_per_minute', draft.pace_per_minute);
  const [card, workflow] = [readField('card', draft.card), readField('workflow', draft.workflow)];
  const once = readField('once_within_h', draft.once_within_h);
  if (cap === undefined || pace === undefined || once === undefined || !card || !workflow) return null;
  const ages = { ...data.max_ages_h, card, workflow };
  return { hourly_cap: cap, pace_per_minute: pace, max_ages_h: ages, once_within_h: once };
}

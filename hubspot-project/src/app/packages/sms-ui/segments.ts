/**
 * Counts the units and billable parts of an SMS text, and names the characters that GSM-7 lacks.
 *
 * Sources: 3GPP 23.038 (GSM 7-bit alphabet and extension table) and 23.040 (153 septets or 67 UCS-2 units a part once
 * there are several). The backend counts by the same rules: contracts/segments.json holds the vectors of both. The
 * backend's count is charged; this one is for the writer.
 */
import type { CardData, PushType } from '@connector/api';

export type Encoding = 'gsm7' | 'ucs2';

export interface Segments {
  /** `gsm7` when every character is in the GSM 7-bit alphabet, else `ucs2` for the whole text. */
  encoding: Encoding;
  /** Septets (an extension character is two) or UTF-16 units (an emoji is two or more). */
  units: number;
  /** Billable SMS; 0 for an empty text. */
  parts: number;
  /** Units that still fit before one more SMS is needed. */
  remaining: number;
}

/** The backend's counts for the gateway's insertions, and the longest message that it accepts. */
export type Limits = Pick<CardData, 'max_parts' | 'short_url_units' | 'stop_mention_units'>;

/** Placeholders that the gateway itself replaces (SMSFactor docs). */
export const STOP_TAG = '<-stop->';
export const SHORT_URL_TAG = '<-short->';

const TAGS = new RegExp(`(${STOP_TAG}|${SHORT_URL_TAG})`);
const TAG_UNITS: Readonly<Record<string, (limits: Limits) => number>> = {
  [STOP_TAG]: (limits) => limits.stop_mention_units,
  [SHORT_URL_TAG]: (limits) => limits.short_url_units,
};

const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** Each of these is an escape pair: two septets that must stay in one part. */
const EXTENSION = new Set('\f^{}\\[~]|€');

/** Units of a text that fits one part, and of each part of a longer one. */
const SINGLE_PART = { gsm7: 160, ucs2: 70 } as const;
const MULTI_PART = { gsm7: 153, ucs2: 67 } as const;

/** Counts `text` as it is; see `countedText` for what the gateway adds. */
export function countSegments(text: string): Segments {
  const encoding = notGsm7(text).length ? 'ucs2' : 'gsm7';
  const widths = widthsOf(text, encoding).map(([, width]) => width);
  const units = widths.reduce<number>((sum, width) => sum + width, 0);
  if (units <= SINGLE_PART[encoding]) {
    return { encoding, units, parts: Math.min(units, 1), remaining: SINGLE_PART[encoding] - units };
  }
  const room = MULTI_PART[encoding];
  let parts = 1;
  let used = 0;
  for (const width of widths) {
    // A pair is not cut: it moves to the next part, and the free unit before it is lost.
    if (used + width > room) {
      parts += 1;
      used = 0;
    }
    used += width;
  }
  return { encoding, units, parts, remaining: room - used };
}

/** The room of a text of so many parts in this encoding, and of its last part. */
export function roomOf(encoding: Encoding, parts: number): { all: number; last: number } {
  if (parts <= 1) return { all: SINGLE_PART[encoding], last: SINGLE_PART[encoding] };
  return { all: parts * MULTI_PART[encoding], last: MULTI_PART[encoding] };
}

/** The places in a text with the gateway's placeholders where its second, third… SMS begins. */
export function partStarts(text: string, limits: Limits): number[] {
  const { encoding, parts } = countSegments(countedText(text, 'alert', null, limits));
  if (parts <= 1) return [];
  const room = MULTI_PART[encoding];
  const starts: number[] = [];
  let place = 0;
  let used = 0;
  for (const piece of text.split(TAGS)) {
    const tag = TAG_UNITS[piece]?.(limits);
    for (const [character, width] of tag === undefined
      ? widthsOf(piece, encoding)
      : [[piece, tag] as const]) {
      if (tag === undefined && used + width > room) {
        starts.push(place);
        used = 0;
      }
      place += character.length;
      used += width;
      // What the gateway puts in may itself be cut: the mark stays whole, and the next SMS begins behind it.
      if (tag !== undefined && used > room) {
        starts.push(place);
        used -= room;
      }
    }
  }
  return starts.filter((start) => start < text.length);
}

function widthsOf(text: string, encoding: Encoding): (readonly [string, number])[] {
  return Array.from(text, (character) => [character, isPair(character, encoding) ? 2 : 1] as const);
}

/** The distinct code points of `text` outside GSM-7, in order of first appearance. */
export function notGsm7(text: string): string[] {
  return [...new Set(text)].filter((character) => !isGsm7(character));
}

/** The distinct characters of `text` that take two units of an SMS: €, brackets. */
export function doubleWidth(text: string): string[] {
  return [...new Set(text)].filter((character) => EXTENSION.has(character));
}

/** Whether the GSM 7-bit alphabet has every character of `text`. */
export function isGsm7(text: string): boolean {
  return Array.from(text).every((character) => BASIC.has(character) || EXTENSION.has(character));
}

/** Whether the gateway appends its STOP mention by itself (SMSFactor FAQ). */
export function addsStopMention(pushType: PushType, sender: string | null): boolean {
  return pushType === 'marketing' && Boolean(sender);
}

/** A text as long as the gateway will bill for `text`: for counting only, never sent or shown. */
export function countedText(text: string, pushType: PushType, sender: string | null, limits: Limits): string {
  const mention = 's'.repeat(limits.stop_mention_units);
  const longer = text
    .replaceAll(SHORT_URL_TAG, 'u'.repeat(limits.short_url_units))
    .replaceAll(STOP_TAG, mention);
  return addsStopMention(pushType, sender) && !text.includes(STOP_TAG) ? longer + mention : longer;
}

function isPair(character: string, encoding: Encoding): boolean {
  return encoding === 'gsm7' ? EXTENSION.has(character) : character.length === 2;
}

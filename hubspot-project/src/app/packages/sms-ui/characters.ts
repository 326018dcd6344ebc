/**
 * Cleans the characters of a text as the backend does before it counts and sends: contracts/characters.json has the
 * vectors of both.
 */
import { isGsm7 } from './segments';

const LINE_BREAK = /\r\n|[\r\v\f\x85\u2028\u2029]/g;
/** Control characters but the line feed, and halves of surrogate pairs. */
const CONTROL = /(?!\n)[\p{Cc}\p{Cs}]/gu;
type Range = readonly [first: number, last: number];
/** Show nothing, in any place: soft hyphen, zero-width space, word joiner, byte order mark and their kind. */
const INVISIBLE: readonly Range[] = [
  ...[0xad, 0x34f, 0x180e, 0x200b, 0xfeff].map((code) => [code, code] as const),
  ...([
    [0x2060, 0x2064],
    [0x206a, 0x206f],
  ] as const),
];
/** Show nothing, except in a text with letters that are written from right to left. */
const DIRECTION: readonly Range[] = [
  [0x61c, 0x61c],
  [0x200e, 0x200f],
  [0x202a, 0x202e],
  [0x2066, 0x2069],
];
const RIGHT_TO_LEFT: readonly Range[] = [
  [0x590, 0x61b],
  [0x61d, 0x8ff],
  [0xfb1d, 0xfdff],
  [0xfe70, 0xfefc],
];
const JOINER_OR_SELECTOR: readonly Range[] = [
  [0x200c, 0x200d],
  [0xfe00, 0xfe0f],
];
const KEYCAP = '\u20e3';

/**
 * The text with composed letters (NFC), line feeds as its only control characters, and nothing invisible. A tab becomes
 * a blank. Joiners and variation selectors stay beside a character outside GSM-7: they belong to its shape (an emoji).
 */
export function cleanText(text: string): string {
  const composed = text.replace(LINE_BREAK, '\n').replaceAll('\t', ' ').replace(CONTROL, '').normalize('NFC');
  const kept: string[] = [];
  const characters = Array.from(composed);
  const hasDirections = characters.some((character) => isIn(character, RIGHT_TO_LEFT));
  characters.forEach((character, index) => {
    if (isIn(character, INVISIBLE) || (isIn(character, DIRECTION) && !hasDirections)) return;
    const before = kept.at(-1);
    const isNeeded = characters[index + 1] === KEYCAP || (before !== undefined && !isGsm7(before));
    if (isIn(character, JOINER_OR_SELECTOR) && !isNeeded) return;
    kept.push(character);
  });
  // The dropped characters may have stood between a letter and its accent.
  return kept.join('').normalize('NFC');
}

function isIn(character: string, ranges: readonly Range[]): boolean {
  const code = character.codePointAt(0) ?? 0;
  return ranges.some(([first, last]) => code >= first && code <= last);
}

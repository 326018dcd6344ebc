/**
 * Rewrites a text with characters of the GSM 7-bit alphabet only, so that an SMS holds 160 of them instead of 70.
 *
 * Every change is listed for the writer. Characters without an equivalent (an emoji, another script) stay and are
 * named.
 */
import { isGsm7, notGsm7 } from './segments';

export interface Replacement {
  before: string;
  after: string;
  /** The number of replacements. */
  count: number;
}

export interface Rewrite {
  text: string;
  /** Distinct, in order of first appearance. */
  replacements: Replacement[];
  /** Characters outside GSM-7 that have no equivalent and are still in `text`. */
  left: string[];
}

/** Equivalents that Unicode's own decompositions lack. No result may form a gateway tag or a token. */
const EQUIVALENTS: Readonly<Record<string, string>> = {
  ...same("'", '‘’‚‛′ʼ`´'),
  ...same('"', '“”„‟«»″'),
  // French quotes are replaced together with the blank inside them.
  ...{ '« ': '"', '«\u00a0': '"', '«\u202f': '"', ' »': '"', '\u00a0»': '"', '\u202f»': '"' },
  ...same('-', '‐‑‒–—―−•‣·'),
  ...same(' ', '\t'),
  ...same('\n', '\v\u0085\u2028\u2029'),
  // Soft hyphen, zero-width space and non-joiner, word joiner, byte order mark, directions: they show nothing.
  ...same('', '\u00ad\u200b\u200c\u2060\ufeff\u200e\u200f'),
  ...{ œ: 'oe', Œ: 'OE', ĳ: 'ij', Ĳ: 'IJ', ł: 'l', Ł: 'L', đ: 'd', Đ: 'D', ð: 'd', Ð: 'D', þ: 'th', Þ: 'Th' },
  ...{ ħ: 'h', Ħ: 'H', ŧ: 't', Ŧ: 'T', ı: 'i', ŋ: 'n', Ŋ: 'N', ẞ: 'SS', ſ: 's' },
  // Greek capitals that look like Latin ones: GSM-7 lacks them.
  ...{ Α: 'A', Β: 'B', Ε: 'E', Ζ: 'Z', Η: 'H', Ι: 'I', Κ: 'K', Μ: 'M', Ν: 'N', Ο: 'O', Ρ: 'P', Τ: 'T' },
  ...{ Υ: 'Y', Χ: 'X' },
  ...{ '°': 'o', '×': 'x', '÷': '/', '⁄': '/', '±': '+/-', '…': '...', '→': '=>', '✓': 'v', '✔': 'v' },
  ...{ '©': '(c)', '®': '(r)', '‹': "'", '›': "'" },
};

/** A unit as the reader sees it: a character with its accents, or several linked by joiners (a family). */
const THING = /«[ \u00a0\u202f]|[ \u00a0\u202f]»|\P{M}\p{M}*(?:\u200d\P{M}\p{M}*)*|\p{M}+/gu;

export function rewriteToGsm7(text: string): Rewrite {
  const counts = new Map<string, Replacement>();
  const written = text.replace(THING, (before) => {
    const after = isGsm7(before) ? before : equivalentOf(before);
    if (after === null || after === before) return before;
    const known = counts.get(before);
    if (known) known.count += 1;
    else counts.set(before, { before, after, count: 1 });
    return after;
  });
  return { text: written, replacements: [...counts.values()], left: notGsm7(written) };
}

/** The GSM-7 equivalent, or null when there is none. */
function equivalentOf(thing: string): string | null {
  const composed = thing.normalize('NFC');
  const candidates = [composed, EQUIVALENTS[composed], plain(composed)];
  return candidates.find((candidate) => candidate !== undefined && isGsm7(candidate)) ?? null;
}

/** Letters and digits without accents, and compatibility forms (ligatures, full-width, ¹, ½) in plain characters. */
function plain(thing: string): string | undefined {
  const bare = [...thing.normalize('NFKD')]
    .map((character) => EQUIVALENTS[character] ?? character)
    .join('')
    .replace(/[\p{M}\u200d]/gu, '');
  // A sign without its stroke means the opposite (≮), and a full-width brace must not become half of a token.
  return /^[\p{L}\p{N} .,:;!?%&()*+/@#$"'-]*$/u.test(bare) ? bare : undefined;
}

function same(equivalent: string, characters: string): Record<string, string> {
  return Object.fromEntries(Array.from(characters, (character) => [character, equivalent]));
}

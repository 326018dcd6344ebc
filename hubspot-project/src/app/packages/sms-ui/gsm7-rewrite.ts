/**
 * Writes a clean text with characters of the GSM 7-bit alphabet where a special character would make the SMS dearer: an
 * SMS holds 160 of them instead of 70.
 *
 * The backend's rule (connector/domain/text/characters.py), with the vectors of contracts/characters.json. Every change
 * is listed for the writer.
 */
import { isGsm7, SHORT_URL_TAG, STOP_TAG } from './segments';

export interface Replacement {
  before: string;
  /** Empty: removed. */
  after: string;
  /** The number of its places in the text. */
  count: number;
}

export interface Rewrite {
  text: string;
  /** Distinct, in order of first appearance. */
  replacements: Replacement[];
  /** Characters without an equivalent, as a reader sees them; removed if that was requested. */
  left: string[];
}

/** `as_written`: special characters cost nothing, or there are none. `dearer`: the writer must decide. */
export type Fit =
  | { kind: 'as_written' | 'replaced'; text: string }
  | { kind: 'dearer'; text: string; characters: string[]; parts: number; partsWithout: number };

/** Equivalents that Unicode's own decompositions lack. */
const EQUIVALENTS: Readonly<Record<string, string>> = {
  ...same("'", '‘’‚‛′ʼ`´‹›'),
  ...same('"', '“”„‟«»″'),
  // French quotes are replaced together with the blank inside them.
  ...{ '« ': '"', '«\u00a0': '"', '«\u202f': '"', ' »': '"', '\u00a0»': '"', '\u202f»': '"' },
  ...same('-', '‐‑‒–—―−•‣·'),
  ...same('', '\u200c\u200d\u200e\u200f\u061c'),
  ...{ œ: 'oe', Œ: 'OE', ĳ: 'ij', Ĳ: 'IJ', ł: 'l', Ł: 'L', đ: 'd', Đ: 'D', ð: 'd', Ð: 'D', þ: 'th', Þ: 'Th' },
  ...{ ħ: 'h', Ħ: 'H', ŧ: 't', Ŧ: 'T', ı: 'i', ŋ: 'n', Ŋ: 'N', ẞ: 'SS', ſ: 's' },
  // Greek capitals that look like Latin ones: GSM-7 lacks them.
  ...{ Α: 'A', Β: 'B', Ε: 'E', Ζ: 'Z', Η: 'H', Ι: 'I', Κ: 'K', Μ: 'M', Ν: 'N', Ο: 'O', Ρ: 'P', Τ: 'T' },
  ...{ Υ: 'Y', Χ: 'X' },
  ...{ '°': 'o', '×': 'x', '÷': '/', '⁄': '/', '±': '+/-', '…': '...', '→': '=>', '✓': 'v', '✔': 'v' },
  ...{ '©': '(c)', '®': '(r)' },
};

/** A unit as the reader sees it: a character with its accents, or several linked by joiners (a family). */
const UNIT = /«[ \u00a0\u202f]|[ \u00a0\u202f]»|\P{M}\p{M}*(?:\u200d\P{M}\p{M}*)*|\p{M}+/gu;
const OWN_TAG = new RegExp(`(${STOP_TAG}|${SHORT_URL_TAG})`);
/** Wider than the gateway's documented tags, as in the backend. */
const ANY_TAG = /<\s*-[^<>]*-\s*>/g;
const TAG_DASHES = /(?<=<)[\s-]+|[\s-]+(?=>)/g;

/** The clean `text` as it leaves while special characters are not allowed. */
export function fitText(text: string, partsOf: (text: string) => number): Fit {
  if (isGsm7(text)) return { kind: 'as_written', text };
  const parts = partsOf(text);
  const bare = rewriteToGsm7(text, true);
  const partsWithout = Math.max(1, partsOf(bare.text));
  if (parts <= partsWithout) return { kind: 'as_written', text };
  if (bare.left.length) return { kind: 'dearer', text, characters: bare.left, parts, partsWithout };
  return { kind: 'replaced', text: bare.text };
}

/** Gateway tags stay, and no equivalent completes another one. */
export function rewriteToGsm7(text: string, removes = false): Rewrite {
  const counts = new Map<string, Replacement>();
  const left = new Set<string>();
  const pieces = text.split(OWN_TAG).map((piece, index) => {
    if (index % 2) return piece;
    const written = eachUnit(piece, removes, (before) => {
      const after = isGsm7(before) ? before : equivalentOf(before);
      if (after === null) left.add(before);
      const put = after ?? (removes ? '' : before);
      if (put !== before) {
        counts.set(before, { before, after: put, count: (counts.get(before)?.count ?? 0) + 1 });
      }
      return { put, isRemoved: after === null && removes };
    });
    return written.replace(ANY_TAG, (tag) => tag.replace(TAG_DASHES, ''));
  });
  return { text: pieces.join(''), replacements: [...counts.values()], left: [...left] };
}

/** The distinct special characters of a text as a reader sees them: an emoji is one, and blanks are none. */
export function specialUnits(text: string): string[] {
  const units = Array.from(text.matchAll(UNIT), ([unit]) => unit.replace(/[ \u00a0\u202f]/g, ''));
  return [...new Set(units)].filter((unit) => !isGsm7(unit));
}

/** The text without these characters, and without the blank that would be left twice. */
export function withoutUnits(text: string, units: readonly string[]): string {
  return eachUnit(text, true, (unit) =>
    units.includes(unit) ? { put: '', isRemoved: true } : { put: unit, isRemoved: false },
  );
}

function eachUnit(
  text: string,
  skipsBlanks: boolean,
  change: (unit: string) => { put: string; isRemoved: boolean },
): string {
  const written: string[] = [];
  let skipsBlank = false;
  for (const [unit] of text.matchAll(UNIT)) {
    if (skipsBlank && unit === ' ') {
      skipsBlank = false;
      continue;
    }
    const { put, isRemoved } = change(unit);
    const last = written.at(-1)?.at(-1);
    skipsBlank = skipsBlanks && isRemoved && (last === undefined || last === ' ' || last === '\n');
    if (put) written.push(put);
  }
  return written.join('');
}

/** The GSM-7 equivalent, or null when there is none. */
function equivalentOf(unit: string): string | null {
  const candidates = [EQUIVALENTS[unit], plain(unit)];
  return candidates.find((candidate) => candidate !== undefined && isGsm7(candidate)) ?? null;
}

/** Letters and digits without accents, and compatibility forms (ligatures, full-width, ¹, ½) in plain characters. */
function plain(unit: string): string | undefined {
  const bare = [...unit.normalize('NFKD')]
    .map((character) => EQUIVALENTS[character] ?? character)
    .join('')
    .replace(/[\p{M}\u200d]/gu, '');
  // A sign without its stroke means the opposite (≮), and a full-width brace must not become half of a token.
  return /^[\p{L}\p{N} .,:;!?%&()*+/@#$"'-]*$/u.test(bare) ? bare : undefined;
}

function same(equivalent: string, characters: string): Record<string, string> {
  return Object.fromEntries(Array.from(characters, (character) => [character, equivalent]));
}

/** Emoji that suit an SMS, found by French or English words. emoji.json is made by make-emoji.mjs. */
import words from './emoji.json';

const EMOJI: readonly (readonly [emoji: string, words: string])[] = Object.entries(words);

/** Finds emoji with words that begin with the query's words, accents and case ignored. Without a query: all emoji. */
export function searchEmoji(query: string): string[] {
  const wanted = fold(query)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  return EMOJI.filter(([, known]) => wanted.every((word) => ` ${known}`.includes(` ${word}`))).map(
    ([emoji]) => emoji,
  );
}

function fold(text: string): string {
  return text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replaceAll('œ', 'oe');
}

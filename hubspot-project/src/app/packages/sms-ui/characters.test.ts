/** Cleaning and fitting agree with the backend on the vectors of contracts/characters.json. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cleanText } from './characters';
import { fitText } from './gsm7-rewrite';
import { countSegments } from './segments';

type Repeat = [string, number][];
interface Vector {
  text?: string;
  repeat?: Repeat;
  kind: 'as_written' | 'replaced' | 'dearer';
  after?: string;
  after_repeat?: Repeat;
  characters?: string[];
  parts?: number;
  parts_without?: number;
}
const contract = JSON.parse(
  readFileSync(new URL('../../../../../contracts/characters.json', import.meta.url), 'utf8'),
) as { clean_vectors: [string, string][]; fit_vectors: Vector[] };

const joined = (repeat: Repeat) => repeat.map(([piece, times]) => piece.repeat(times)).join('');
const textOf = ({ text, repeat }: Vector) => (repeat ? joined(repeat) : (text ?? ''));

describe('cleaning', () => {
  it.each(contract.clean_vectors)('makes of %j %j', (typed, cleaned) => {
    expect(cleanText(typed)).toBe(cleaned);
  });
});

describe('fitting', () => {
  it.each(contract.fit_vectors)('$text $repeat is $kind', (vector) => {
    const text = textOf(vector);
    const fit = fitText(text, (each) => countSegments(each).parts);
    expect(fit.kind).toBe(vector.kind);
    if (fit.kind === 'dearer') {
      expect(fit).toMatchObject({
        characters: vector.characters,
        parts: vector.parts,
        partsWithout: vector.parts_without,
      });
    } else if (fit.kind === 'replaced') {
      expect(fit.text).toBe(vector.after_repeat ? joined(vector.after_repeat) : vector.after);
    } else expect(fit.text).toBe(text);
  });
});

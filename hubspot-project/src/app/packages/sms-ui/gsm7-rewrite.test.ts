/** A rewritten text is GSM-7 or lists the remaining characters, every change is listed, a second rewrite changes nothing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText } from './characters';
import { rewriteToGsm7, withoutUnits } from './gsm7-rewrite';
import { isGsm7 } from './segments';

/** Texts as people paste them: letters with accents in both forms, quotes, emoji with joiners, half characters. */
const pasted = fc
  .array(
    fc.oneof(
      fc.constantFrom(...'abc éêçœŒ’“”«»…–\u00a0\u202f€{}[]|^<>-½№™Ａ｛≮←→αΑжłĳ가한'),
      fc.constantFrom(
        'e\u0301',
        '\u0301',
        '\u200d',
        '\u200b',
        '\ufe0f',
        '👨\u200d👩\u200d👧',
        '❤\ufe0f',
        '1\ufe0f\u20e3',
      ),
      fc.constantFrom('{{firstname|', '}}', '<-short->', '<-short-'),
      fc.string({ unit: 'grapheme', maxLength: 3 }),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 30 },
  )
  .map((pieces) => cleanText(pieces.join('')));

describe('rewriting to GSM-7', () => {
  it.each([
    ['L’été à Noël', "L'été à Noel"],
    ['«\u00a0Ça va\u202f?\u00a0» … à «bientôt» !', '"Ça va ?" ... à "bientot" !'],
    ['ça coûte 10\u00a0€ – 20\u202f€', 'ca coute 10 € - 20 €'],
    ['Œuvre, cœur, ﬁn, №\u00a05, n°\u00a05', 'OEuvre, coeur, fin, No 5, no 5'],
    ['m², ½, 1\ufe0f\u20e3', 'm2, 1/2, 1'],
    ['Łódź, Ğ, Α', 'Lodz, G, A'],
  ])('writes %s as %s', (text, expected) => {
    expect(rewriteToGsm7(text)).toMatchObject({ text: expected, left: [] });
  });

  it('lists each change once, with how often it was made', () => {
    expect(rewriteToGsm7('ça, ça, l’été').replacements).toEqual([
      { before: 'ç', after: 'c', count: 2 },
      { before: '’', after: "'", count: 1 },
    ]);
  });

  it('leaves what has no equivalent whole, and names it', () => {
    const { text, left } = rewriteToGsm7('ça 👨\u200d👩\u200d👧 ≮ 你');
    expect(text).toBe('ca 👨\u200d👩\u200d👧 ≮ 你');
    expect(left).toEqual(['👨\u200d👩\u200d👧', '≮', '你']);
  });

  it('leaves a GSM-7 text alone', () => {
    const text = 'Été @ 5€ {{firstname|ami}} <-short-> [a]^~\\|';
    expect(rewriteToGsm7(text)).toEqual({ text, replacements: [], left: [] });
  });

  it('gives GSM-7 or names all that is left, in any text', () => {
    fc.assert(
      fc.property(pasted, (text) => {
        const { text: written, left } = rewriteToGsm7(text);
        expect(left.every((unit) => written.includes(unit))).toBe(true);
        expect(isGsm7(written)).toBe(left.length === 0);
      }),
      { numRuns: 10_000 },
    );
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(pasted, (text) => {
        const once = rewriteToGsm7(text);
        expect(rewriteToGsm7(once.text)).toEqual({ text: once.text, replacements: [], left: once.left });
      }),
      { numRuns: 10_000 },
    );
  });

  it('lists changes exactly when it makes some', () => {
    fc.assert(
      fc.property(pasted, (text) => {
        const { text: written, replacements } = rewriteToGsm7(text);
        expect(replacements.length === 0).toBe(written === text);
      }),
    );
  });

  it('makes no token and no tag of the gateway that was not there', () => {
    const special = (text: string) => [...text.matchAll(/\{\{|\}\}|<-[^<>]*->/g)].length;
    fc.assert(
      fc.property(pasted, (text) => {
        const removed = text.replace(/\p{Cf}|\p{M}/gu, '');
        expect(special(rewriteToGsm7(text).text)).toBeLessThanOrEqual(special(removed));
      }),
      { numRuns: 10_000 },
    );
  });

  it('removes what has no equivalent, and no blank is left twice', () => {
    expect(rewriteToGsm7('ça 🎂 va 🎂', true).text).toBe('ca va ');
    expect(withoutUnits('ça 🎂 va', ['🎂'])).toBe('ça va');
  });
});

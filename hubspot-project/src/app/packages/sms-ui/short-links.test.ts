/** Marks in the field and placeholders on the wire are the same links, whatever the text around them. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fromWire,
  linkNumbers,
  nextNumber,
  readUrl,
  showLinks,
  toWire,
  withMarks,
  withoutLink,
  withStopPlaced,
} from './short-links';

/** Shared with the backend's tests. */
const file = new URL('../../../../../contracts/stop_places.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: [string, string][] };

const markOf = (number: number) => `[lien ${number}]`;
const links = [
  { number: 1, url: 'https://a.example' },
  { number: 2, url: 'https://b.example' },
  { number: 12, url: 'https://c.example' },
];

describe('addresses', () => {
  it.each([
    ['https://lumen.example/promo?x=1', 'https://lumen.example/promo?x=1'],
    ['  http://lumen.example ', 'http://lumen.example'],
    ['lumen.example/soldes', 'https://lumen.example/soldes'],
    ['lumen.example:8080/a', 'https://lumen.example:8080/a'],
  ])('reads %s', (typed, url) => {
    expect(readUrl(typed)).toBe(url);
  });

  it.each([
    '',
    'deux mots.example',
    'ftp://lumen.example',
    'javascript:alert(1)',
    'https://user:secret@lumen.example',
    'https://',
    'soldes',
    'https://soldes',
    'https://soldes.',
    'https://lumen.example/{{firstname}}',
    'https://lumen.example\\@autre.example',
    `https://lumen.example/${'a'.repeat(2000)}`,
  ])('refuses "%s"', (typed) => {
    expect(readUrl(typed)).toBeNull();
  });
});

describe('links in a text', () => {
  it('travel in the order of their marks, one address for each placeholder', () => {
    const wire = toWire({ text: 'B [lien 2], A [lien 1], encore B [lien 2]', links }, markOf);
    expect(wire).toEqual({
      text: 'B <-short->, A <-short->, encore B <-short->',
      links: ['https://b.example', 'https://a.example', 'https://b.example'],
      numbers: [2, 1, 2],
    });
  });

  it('do not travel without their mark, and a mark without link is a word', () => {
    expect(toWire({ text: '[lien 3] [lien 1', links }, markOf)).toEqual({
      text: '[lien 3] [lien 1',
      links: [],
      numbers: [],
    });
  });

  it('get a number that is free', () => {
    expect(nextNumber([])).toBe(1);
    expect(nextNumber(links)).toBe(13);
  });

  it('leave with their marks', () => {
    const left = withoutLink({ text: '[lien 1] puis [lien 12] et [lien 1].', links }, 1, markOf);
    expect(left.text).toBe(' puis [lien 12] et.');
    expect(left.links.map(({ number }) => number)).toEqual([2, 12]);
  });

  it('come back from a template as they were saved', () => {
    const words = fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => text.replace(/[[\]<>]/g, ''));
    fc.assert(
      fc.property(
        words,
        fc.array(
          fc.tuple(
            words,
            fc.nat().map((n) => `https://${n}.example`),
          ),
          { maxLength: 5 },
        ),
        (start, rest) => {
          const text = start + rest.map(([word]) => `<-short->${word}`).join('');
          const urls = rest.map(([, url]) => url);
          expect(toWire(fromWire(text, urls, markOf), markOf)).toMatchObject({ text, links: urls });
        },
      ),
    );
  });

  it('never leave a placeholder without its address', () => {
    const piece = fc.constantFrom('[lien 1]', '[lien 12]', '[lien 3]', '[lien', ' 1]', 'mot', ' ');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const wire = toWire({ text: pieces.join(''), links }, markOf);
        expect(wire.text.split('<-short->').length - 1).toBe(wire.links.length);
        expect(showLinks(wire.text, wire.numbers, markOf)).toBe(pieces.join(''));
      }),
    );
  });

  it('leave a placeholder that has no address as it is', () => {
    expect(showLinks('<-short-> <-short->', [4], markOf)).toBe('[lien 4] <-short->');
  });
});

describe('the STOP mention', () => {
  it.each(vectors)('after %j is on a line of its own', (text, placed) => {
    expect(withStopPlaced(text, 'marketing', 'LUMEN')).toBe(placed);
  });

  it('is not placed where the gateway adds none', () => {
    expect(withStopPlaced('a <-short->', 'alert', 'LUMEN')).toBe('a <-short->');
    expect(withStopPlaced('a <-short->', 'marketing', null)).toBe('a <-short->');
  });
});

describe('what the gateway puts into a text', () => {
  const marks = { markOf, stop: '[STOP]' };
  const sms = (text: string, push_type: 'alert' | 'marketing' = 'alert') =>
    withMarks({ text, push_type, sender: 'LUMEN' }, linkNumbers(text), marks);

  it('has marks, in the order of the links', () => {
    expect(sms('<-short-> <-short->\n<-stop->')).toBe('[lien 1] [lien 2]\n[STOP]');
    expect(sms('Soldes')).toBe('Soldes');
  });

  it('is also the mention that it adds to marketing with a sender, once', () => {
    expect(sms('Soldes ', 'marketing')).toBe('Soldes [STOP]');
    expect(sms('<-stop-> Soldes', 'marketing')).toBe('[STOP] Soldes');
  });
});

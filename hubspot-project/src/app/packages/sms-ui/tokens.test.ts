/** Tokens have the backend's syntax, whatever a person types as a fallback. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appended, tokenNames, tokenOf, withoutTokens } from './tokens';

describe('tokens', () => {
  it('are found once each, in order, with or without a fallback', () => {
    const text =
      '{{ firstname }} {{contact.lastname|client}} {{firstname|}} {{Bar}} {name} {{{a}}} {{.a}} {{ b';
    expect(tokenNames(text)).toEqual(['firstname', 'contact.lastname']);
    expect(withoutTokens('Bonjour {{firstname|vous}} !')).toBe('Bonjour  !');
  });

  it('are written with a fallback when there is one', () => {
    expect(tokenOf('firstname', '')).toBe('{{firstname}}');
    expect(tokenOf('firstname', '  cher client\n')).toBe('{{firstname|cher client}}');
    expect(tokenOf('firstname', '<-short->|}}')).toBe('{{firstname|-short-}}');
  });

  it('survive every fallback', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (fallback) => {
        const token = tokenOf('firstname', fallback);
        expect(tokenNames(token)).toEqual(['firstname']);
        expect(withoutTokens(token)).toBe('');
        expect(token).not.toContain('<-');
      }),
    );
  });

  it('survive being put at the end of every text without tokens of its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const plain = text.replace(/[{}]/g, '');
        const longer = appended(plain, tokenOf('firstname', ''));
        expect(tokenNames(longer)).toEqual(['firstname']);
        expect(longer.startsWith(plain)).toBe(true);
      }),
    );
  });

  it('stand apart from the word before', () => {
    expect(appended('', 'x')).toBe('x');
    expect(appended('Bonjour', 'x')).toBe('Bonjour x');
    expect(appended('Bonjour ', 'x')).toBe('Bonjour x');
    expect(appended('Bonjour,\n', 'x')).toBe('Bonjour,\nx');
  });
});

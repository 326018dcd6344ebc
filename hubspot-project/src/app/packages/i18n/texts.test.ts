/** French and English have the same keys and slots, and every code of the backend has its sentence. */
import { ERROR_CODES, MESSAGE_REASONS, MESSAGE_STATUSES, WARNING_CODES } from '@connector/api';
import { describe, expect, it } from 'vitest';
import en from './en.json';
import fr from './fr.json';
import { createTranslate, isTextKey, pickLanguage } from './translate';

const texts: Record<'en' | 'fr', Record<string, string>> = { en, fr };
const languages = ['en', 'fr'] as const;
const keys = Object.keys(en);

function slotsOf(text: string | undefined): string[] {
  return [...(text ?? '').matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();
}

describe('texts', () => {
  it('have the same keys in both languages', () => {
    expect(Object.keys(fr).sort()).toEqual(Object.keys(en).sort());
  });

  it('have words, and the same slots, in both languages', () => {
    const empty = languages.flatMap((language) => keys.filter((key) => !texts[language][key]?.trim()));
    expect(empty).toEqual([]);
    const differing = keys.filter((key) => slotsOf(texts.fr[key]).join() !== slotsOf(texts.en[key]).join());
    expect(differing).toEqual([]);
  });

  it('have both forms of every plural', () => {
    const forms = Object.keys(en).filter((key) => key.includes('#'));
    const bases = new Set(forms.map((key) => key.split('#')[0]));
    for (const base of bases) expect(forms).toEqual(expect.arrayContaining([`${base}#one`, `${base}#other`]));
  });

  it('exist for every error, warning, status and reason of the backend', () => {
    const needed = [
      ...ERROR_CODES.map((code) => `error.${code}`),
      ...MESSAGE_STATUSES.flatMap((status) => [`status.${status}`, `status_help.${status}`]),
      ...MESSAGE_REASONS.map((reason) => `reason.${reason}`),
      ...WARNING_CODES.map((code) => `warning.${code}`),
    ];
    expect(needed.filter((key) => !isTextKey(key))).toEqual([]);
  });

  it('say of every refusal that nothing was sent or charged', () => {
    const silent = ERROR_CODES.filter((code) => !/(sent|charged)/.test(texts.en[`error.${code}`] ?? ''));
    const muets = ERROR_CODES.filter((code) => !/(envoyé|facturé)/.test(texts.fr[`error.${code}`] ?? ''));
    expect(silent).toEqual([]);
    expect(muets).toEqual([]);
  });
});

describe('typography', () => {
  const broken = (language: 'en' | 'fr', mistake: RegExp) =>
    keys.filter((key) => mistake.test(texts[language][key] ?? ''));

  it('is French in French', () => {
    expect(broken('fr', / [:;!?»]/)).toEqual([]);
    expect(broken('fr', /[^\s][;!?]/)).toEqual([]);
    expect(broken('fr', /«[^\u00a0]|[^\u00a0]»/)).toEqual([]);
  });

  it('is English in English', () => {
    expect(broken('en', /\s[:;!?]|[«»]/)).toEqual([]);
  });

  it.each(languages)('has no typewriter quotes or dots in %s', (language) => {
    expect(broken(language, /['"]|\.\.\./)).toEqual([]);
  });
});

describe('translate', () => {
  it('chooses French for every French, English for the rest, the first tag first', () => {
    expect(pickLanguage('fr', 'en-us')).toBe('fr');
    expect(pickLanguage(undefined, 'fr-CA')).toBe('fr');
    expect(pickLanguage('', 'fr')).toBe('fr');
    expect(pickLanguage('de', 'fr-fr')).toBe('en');
    expect(pickLanguage(undefined, undefined)).toBe('en');
  });

  it('picks the plural form by the rules of the language', () => {
    expect(createTranslate('fr')('compose.cost', { count: 0 })).toBe('0 crédit');
    expect(createTranslate('en')('compose.cost', { count: 0 })).toBe('0 credits');
    expect(createTranslate('fr')('compose.cost', { count: 2 })).toBe('2 crédits');
    expect(createTranslate('en')('compose.cost', { count: 1 })).toBe('1 credit');
  });

  it('writes numbers as the language does', () => {
    expect(createTranslate('fr')('compose.parts', { count: 1249 })).toBe('1\u202f249 SMS');
    expect(createTranslate('en')('compose.parts', { count: 1249 })).toBe('1,249 SMS');
  });

  it('takes no name of the language itself for a text', () => {
    expect(isTextKey('toString')).toBe(false);
    expect(isTextKey('constructor')).toBe(false);
  });
});

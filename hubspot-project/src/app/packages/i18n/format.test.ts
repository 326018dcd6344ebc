import { ApiError } from '@connector/api';
import { describe, expect, it } from 'vitest';
import { formatCharacters, formatCountry, formatInstant, formatLocale, formatPhone } from './format';
import {
  countryText,
  errorText,
  numberProblemText,
  problemText,
  propertyText,
  reasonText,
  warningText,
} from './problems';
import { createTranslate } from './translate';

const fr = createTranslate('fr');
const en = createTranslate('en');

describe('dates', () => {
  it('are in the portal’s time zone', () => {
    expect(formatInstant('2026-11-23T23:30:00Z', 'fr-FR', 'Europe/Paris')).toBe('24 nov. 2026, 00:30');
    expect(formatInstant('2026-11-23T23:30:00Z', 'en-GB', 'America/New_York')).toBe('23 Nov 2026, 18:30');
    expect(formatInstant('2026-11-23T23:30:00Z', 'fr-FR', 'Europe/Paris', 'none')).toBe('00:30');
  });

  it('have the day of the week when they are to come', () => {
    const at = (locale: string) => formatInstant('2026-11-24T07:00:00Z', locale, 'Europe/Paris', 'full');
    expect(at('fr-FR')).toBe('mardi 24 novembre 2026 à 08:00');
    // Whether a comma follows the day depends on the version of the Unicode data.
    expect(at('en-GB')).toMatch(/^Tuesday,? 24 November 2026 at 08:00$/);
  });

  it('say UTC when the zone is not known', () => {
    expect(formatInstant('2026-11-23T23:30:00Z', 'fr-FR', 'Mars/Olympus')).toBe('23 nov. 2026, 23:30 UTC');
  });

  it('follow the user’s locale only in the language of the texts', () => {
    expect(formatLocale('fr', 'fr-ca')).toBe('fr-CA');
    expect(formatLocale('en', 'en_US')).toBe('en-US');
    expect(formatLocale('en', 'fr-fr')).toBe('en-GB');
    expect(formatLocale('fr', undefined)).toBe('fr-FR');
    expect(formatLocale('fr', 'fr-!!')).toBe('fr-FR');
  });
});

describe('phone numbers', () => {
  it('are grouped as they are read aloud in France, and left alone elsewhere', () => {
    expect(formatPhone('+33612345678')).toBe('+33\u00a06\u00a012\u00a034\u00a056\u00a078');
    expect(formatPhone('+41790000000')).toBe('+41790000000');
  });
});

describe('countries', () => {
  it('have the name that the reader knows, where their code names one', () => {
    expect(formatCountry('BE', 'fr')).toBe('Belgique');
    expect(formatCountry('DE', 'en')).toBe('Germany');
    expect(formatCountry('GP', 'fr')).toBe('Guadeloupe');
    expect(['001', 'be', '', 'QX'].map((code) => formatCountry(code, 'fr'))).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(countryText(null, fr)).toBe('un autre pays');
  });
});

describe('characters', () => {
  it('are quoted and joined', () => {
    expect(formatCharacters(['ç'], fr)).toBe('«\u00a0ç\u00a0»');
    expect(formatCharacters(['ç', 'ê', '😀'], en)).toBe('“ç”, “ê” and “😀”');
  });

  it('are named when they cannot be seen, except blanks of any kind', () => {
    expect(formatCharacters(['\u00a0', '\u202f', '\t', 'ç'], fr)).toBe('«\u00a0ç\u00a0»');
    expect(formatCharacters(['\u200d'], fr)).toBe('caractère invisible (U+200D)');
    expect(formatCharacters(['\u0301'], en)).toBe('invisible character (U+0301)');
  });

  it('are counted when they are too many to name', () => {
    const text = formatCharacters([...'çêâîôûëï'], fr);
    expect(text).toContain('«\u00a0û\u00a0» et 2 autres');
  });
});

describe('sentences for codes', () => {
  it('put the params in their place', () => {
    const error = new ApiError('text_not_gsm7', { characters: ['ç', 'ê'] });
    expect(errorText(error, 'send', fr)).toContain('«\u00a0ç\u00a0» et «\u00a0ê\u00a0»');
    expect(errorText(new ApiError('text_too_long', { parts: 12, max: 10 }), 'send', en)).toContain('12 SMS');
    const braces = new ApiError('text_tokens_invalid', { fragment: '{{city' });
    expect(errorText(braces, 'preview', fr)).toContain('Les accolades de «\u00a0{{city\u00a0»');
  });

  it('name the country that is not allowed, and the properties without a value', () => {
    const country = new ApiError('country_not_allowed', { country: 'CH' });
    expect(errorText(country, 'preview', fr)).toContain('(Suisse)');
    const missing = new ApiError('property_missing', { names: ['firstname', 'city'] });
    expect(errorText(missing, 'send', en)).toContain('“firstname” and “city”');
    const called = new ApiError('property_missing', { names: ['city'], labels: ['Ville'] });
    expect(errorText(called, 'preview', fr)).toContain('pas de valeur pour «\u00a0Ville\u00a0».');
    const stopped = new ApiError('opted_out', { number: '+33612345678' });
    expect(errorText(stopped, 'send', fr)).toContain('+33\u00a06\u00a012\u00a034\u00a056\u00a078');
  });

  it('name an input as the view shows it, never as the program does', () => {
    const wrong = (field: string) => new ApiError('bad_request', { field });
    expect(errorText(wrong('hourly_cap'), 'outgoing', fr)).toContain(
      'n’est pas acceptée\u00a0: la limite de SMS par heure.',
    );
    expect(errorText(wrong('sender'), 'send', en)).toContain('is not accepted: the sender.');
    expect(errorText(wrong('idempotency_key'), 'send', en)).toContain('a piece of this page’s data');
    const unusable = { code: 'property_unusable', params: { names: ['smsfactor_is_stop'] } };
    expect(problemText(unusable, en)).toContain('“SMSFactor - Désabonné”');
  });

  it('point out what a preview does, where there are words for it', () => {
    expect(warningText({ code: 'multi_part', params: { parts: 3 } }, en)).toContain('takes 3 SMS');
    expect(warningText({ code: 'warning_of_2030', params: {} }, en)).toBeNull();
  });

  it('tell a sender that the outcome is not known, and a reader that nothing happened', () => {
    expect(errorText(new ApiError('unreachable'), 'send', en)).toContain('cannot tell whether');
    expect(errorText(new ApiError('unreachable'), 'read', en)).toContain('Nothing was sent or charged');
  });

  it('name a code that this version does not know', () => {
    expect(errorText(new ApiError('quota_of_2030'), 'send', fr)).toContain('quota_of_2030');
    expect(problemText({ code: 'scope_missing', params: {} }, fr)).toContain('scope_missing');
    const expire = (count: number, cause: string) => ({ code: 'messages_expire', params: { count, cause } });
    expect(problemText(expire(50_000, 'hourly_cap'), fr)).toContain('50\u202f000 SMS vont être abandonnés');
    expect(problemText(expire(50_000, 'hourly_cap'), fr)).toContain('limite par heure trop basse');
    expect(problemText(expire(1, 'of_a_later_version'), fr)).toContain('1 SMS va être abandonné');
    expect(problemText(expire(1, 'of_a_later_version'), fr)).toContain('plus de SMS en attente');
  });

  it('never leave a slot open', () => {
    expect(errorText(new ApiError('number_invalid'), 'send', fr)).not.toContain('{');
  });

  it('fall back to what is always true', () => {
    expect(numberProblemText({ code: 'number_not_mobile', params: {} }, fr)).toBe('pas un numéro de mobile');
    expect(numberProblemText({ code: 'number_on_mars', params: {} }, fr)).toBe('ne peut pas recevoir de SMS');
    expect(reasonText('npai', en)).toBe('The number is not assigned to anyone.');
    expect(reasonText('new_reason', en)).toBe('SMSFactor gave a reason that we do not know.');
    expect(propertyText('mobilephone', 'Handy', fr)).toBe('Numéro de téléphone portable');
    expect(propertyText('numero_vip', 'Numéro VIP', fr)).toBe('Numéro VIP');
    expect(propertyText('numero_vip', null, fr)).toBe('numero_vip');
  });
});

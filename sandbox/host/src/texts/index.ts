// Texts of the pages in the session's language; a missing key is a type error.

import type { Language } from '../api';
import { en, type TextKey } from './en';
import { fr } from './fr';

export type { TextKey } from './en';
type Slots = Record<string, string | number>;

const DICTIONARIES: Record<Language, Record<TextKey, string>> = { en, fr };

export interface Texts {
  language: Language;
  /** The text with its slots filled. */
  t(key: TextKey, slots?: Slots): string;
  /** Chooses between `key.one` and `key.other` by the language's plural rule. */
  plural(key: 'list.count' | 'component.selected' | 'enrol.start', count: number): string;
  /** A date and time in the portal's time zone. */
  dateTime(iso: string): string;
  date(iso: string): string;
  month(iso: string): string;
  /** An amount in the portal's currency, without cents when they are zero. */
  money(amount: number): string;
}

/** The simulated portal's currency. */
const CURRENCY = 'EUR';

export function makeTexts(language: Language, timeZone: string): Texts {
  const dictionary = DICTIONARIES[language];
  const locale = language === 'fr' ? 'fr-FR' : 'en-GB';
  const format = (options: Intl.DateTimeFormatOptions) => {
    const formatter = new Intl.DateTimeFormat(locale, { ...options, timeZone });
    return (iso: string): string => formatter.format(new Date(iso));
  };
  const money = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: CURRENCY,
    trailingZeroDisplay: 'stripIfInteger',
  });
  const rules = new Intl.PluralRules(locale);
  const t = (key: TextKey, slots: Slots = {}): string =>
    dictionary[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(slots[name] ?? whole));
  return {
    language,
    t,
    plural: (key, count) => t(rules.select(count) === 'one' ? `${key}.one` : `${key}.other`, { count }),
    dateTime: format({ dateStyle: 'medium', timeStyle: 'short' }),
    date: format({ dateStyle: 'medium' }),
    month: format({ month: 'long', year: 'numeric' }),
    money: (amount) => money.format(amount),
  };
}

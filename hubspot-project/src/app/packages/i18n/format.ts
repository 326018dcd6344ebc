/** Dates, numbers and lists as a reader of the chosen language expects them. */
import type { Language, Translate } from './translate';

/** The number of characters to name; the rest is only counted. */
const NAMED_AT_MOST = 6;

/**
 * The locale for dates: the user's own if it has the language of the texts, else the European form of that language. A
 * sentence thus never mixes two languages.
 */
export function formatLocale(language: Language, userLocale: string | undefined): string {
  const european = language === 'fr' ? 'fr-FR' : 'en-GB';
  if (!userLocale?.toLowerCase().startsWith(language)) return european;
  try {
    return Intl.getCanonicalLocales(userLocale.replace('_', '-'))[0] ?? european;
  } catch {
    return european;
  }
}

/** The parts of a date: `23 nov. 2026, 14:05`, with the day of the week for a date to come, or the time alone. */
export type DateLength = 'medium' | 'full' | 'none';

/** An ISO instant as date and time in an IANA time zone; in UTC, with that label, when the zone is unknown here. */
export function formatInstant(
  instant: string,
  locale: string,
  timeZone: string,
  length: DateLength = 'medium',
): string {
  const style = { dateStyle: length === 'none' ? undefined : length, timeStyle: 'short' } as const;
  const date = new Date(instant);
  const write = (zone: string) => {
    const parts = new Intl.DateTimeFormat(locale, { ...style, timeZone: zone }).formatToParts(date);
    return parts.map((part) => (isFrenchFirst(part, locale) ? '1er' : part.value)).join('');
  };
  try {
    return write(timeZone);
  } catch {
    return `${write('UTC')} UTC`;
  }
}

/** French counts the first day of a month and reads the others: 1er décembre, 2 décembre. */
function isFrenchFirst({ type, value }: Intl.DateTimeFormatPart, locale: string): boolean {
  return locale.startsWith('fr') && type === 'day' && value === '1';
}

/** The name of a country by its ISO 3166 code; null for a code that names none, such as `001`. */
export function formatCountry(code: string, language: Language): string | null {
  if (!/^[A-Z]{2}$/.test(code)) return null;
  return new Intl.DisplayNames(language, { type: 'region', fallback: 'none' }).of(code) ?? null;
}

/** A French number in pairs, as it is read aloud; any other E.164 number as it is. */
export function formatPhone(e164: string): string {
  const french = /^\+33(\d)(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(e164);
  return french ? `+33\u00a0${french.slice(1).join('\u00a0')}` : e164;
}

/** Characters by name, for a sentence that lists them: “ç” and “ê”. Blanks of any kind are not worth a word. */
export function formatCharacters(all: readonly string[], t: Translate): string {
  const characters = all.filter((character) => !/^[\s\p{Z}]*$/u.test(character));
  const named = characters.slice(0, NAMED_AT_MOST).map((character) => nameCharacter(character, t));
  const more = characters.length - named.length;
  if (more > 0) named.push(t('character.more', { count: more }));
  return formatList(named, t);
}

/** A list as a phrase: “a, b and c”. */
export function formatList(items: readonly string[], t: Translate): string {
  const last = items.at(-1) ?? '';
  return items.length > 1 ? t('common.list_and', { items: items.slice(0, -1).join(', '), last }) : last;
}

function nameCharacter(character: string, t: Translate): string {
  // Controls, joiners, variation selectors, other spaces and lone accents show nothing between quotes.
  if (/^[\p{C}\p{Z}\p{M}]$/u.test(character)) {
    const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? '';
    return t('character.invisible', { code: `U+${code}` });
  }
  return t('character.quoted', { character });
}

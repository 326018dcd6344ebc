/** Texts, dates and numbers for the user of the view. */
import { useExtensionContext } from '@hubspot/ui-extensions';
import { useMemo } from 'react';
import { formatInstant, formatLocale } from './format';
import { createTranslate, pickLanguage, type Language, type Translate } from './translate';

export interface Text {
  language: Language;
  t: Translate;
  /** An ISO instant as date and time, by default in the portal's time zone. */
  formatDate: (instant: string, timeZone?: string) => string;
  /** The same with the day of the week, for future dates. */
  formatDay: (instant: string, timeZone?: string) => string;
  /** The time alone, for later the same day. */
  formatTime: (instant: string, timeZone?: string) => string;
  formatNumber: (value: number) => string;
}

/** HubSpot gives the language of its interface and a locale for formats; both may be missing. */
export function useText(): Text {
  const { user, portal } = useExtensionContext();
  const { language: interfaceLanguage, locale } = user;
  const { timezone } = portal;
  return useMemo(() => {
    const language = pickLanguage(interfaceLanguage, locale);
    const forDates = formatLocale(language, locale);
    const number = new Intl.NumberFormat(forDates);
    return {
      language,
      t: createTranslate(language),
      formatDate: (instant, timeZone = timezone) => formatInstant(instant, forDates, timeZone),
      formatDay: (instant, timeZone = timezone) => formatInstant(instant, forDates, timeZone, 'full'),
      formatTime: (instant, timeZone = timezone) => formatInstant(instant, forDates, timeZone, 'none'),
      formatNumber: (value) => number.format(value),
    };
  }, [interfaceLanguage, locale, timezone]);
}

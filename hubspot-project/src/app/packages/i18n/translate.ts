/**
 * Texts by key, in French and English: flat keys, `{name}` slots, and `#one`/`#other` forms for counts.
 *
 * The compiler checks keys against en.json; a test checks that fr.json has the same keys and slots.
 */
import en from './en.json';
import fr from './fr.json';

export type Language = 'en' | 'fr';

type StoredKey = keyof typeof en;
/** A key as a component writes it: a plural's two forms are one key, which then needs a `count`. */
export type TextKey = StoredKey extends infer Key
  ? Key extends `${infer Base}#${'one' | 'other'}`
    ? Base
    : Key
  : never;
export type Slots = Record<string, string | number>;
export interface Translate {
  (key: TextKey, slots?: Slots): string;
  language: Language;
}

const TEXTS: Record<Language, Record<string, string>> = { en, fr };

/** French for every variety of French, else English. The first given tag decides. */
export function pickLanguage(...tags: (string | undefined)[]): Language {
  const tag = tags.find((candidate) => candidate);
  return tag?.toLowerCase().startsWith('fr') ? 'fr' : 'en';
}

/** Whether a key built from a code of the backend has a text. */
export function isTextKey(key: string): key is TextKey {
  return Object.hasOwn(en, key) || Object.hasOwn(en, `${key}#other`);
}

/** A translator for one language. Numbers in slots follow the language's format. */
export function createTranslate(language: Language): Translate {
  const plural = new Intl.PluralRules(language);
  const number = new Intl.NumberFormat(language);
  const texts = TEXTS[language];
  const translate = (key: TextKey, slots: Slots = {}) => {
    const form = typeof slots.count === 'number' && plural.select(slots.count) === 'one' ? 'one' : 'other';
    const text = texts[key] ?? texts[`${key}#${form}`] ?? key;
    return text.replace(/\{(\w+)\}/g, (_slot, name: string) => {
      const value = slots[name] ?? '';
      return typeof value === 'number' ? number.format(value) : value;
    });
  };
  return Object.assign(translate, { language });
}

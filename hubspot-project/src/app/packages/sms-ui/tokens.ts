/**
 * Properties of the record in a text: `{{name}}`, or `{{name|fallback}}` for a record where the property is empty. A
 * property of the person texted is `{{contact.name}}`.
 *
 * The backend inserts the values; this file only writes tokens and removes them for counting.
 */

const TOKEN = /(?<!\{)\{\{\s*((?:[a-z0-9_]+\.)?[a-z0-9_]+)\s*(?:\|[^{}]*)?\}\}(?!\})/g;

/** Internal names of the properties in a text, once each, in order. */
export function tokenNames(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(TOKEN), (match) => match[1] ?? ''))];
}

/** The text without its tokens. */
export function withoutTokens(text: string): string {
  return text.replace(TOKEN, '');
}

/** The token of a property. The fallback loses characters that would break the token or form a gateway tag. */
export function tokenOf(name: string, fallback: string): string {
  const written = fallback
    .replace(/[{}|<>]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return written ? `{{${name}|${written}}}` : `{{${name}}}`;
}

/** Appends `addition` to a text, after a blank if needed: HubSpot does not report the caret's position. */
export function appended(text: string, addition: string): string {
  return !text || /\s$/.test(text) ? text + addition : `${text} ${addition}`;
}

/**
 * Properties of the record in a text: `{{name}}`, or `{{name|fallback}}` for a record where the property is empty.
 *
 * The backend puts the values in; here tokens are only written and set aside for counting.
 */

const TOKEN = /(?<!\{)\{\{\s*([a-z0-9_]+)\s*(?:\|[^{}]*)?\}\}(?!\})/g;

/** Internal names of the properties in a text, once each, in order. */
export function tokenNames(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(TOKEN), (match) => match[1] ?? ''))];
}

/** What is written around the tokens. */
export function withoutTokens(text: string): string {
  return text.replace(TOKEN, '');
}

/** The token of a property. What would break it, or act as one of the gateway's tags, is left out of the fallback. */
export function tokenOf(name: string, fallback: string): string {
  const written = fallback
    .replace(/[{}|<>]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return written ? `{{${name}|${written}}}` : `{{${name}}}`;
}

/** Puts `addition` at the end of a text, apart from the word before it: HubSpot does not tell where the caret is. */
export function appended(text: string, addition: string): string {
  return !text || /\s$/.test(text) ? text + addition : `${text} ${addition}`;
}

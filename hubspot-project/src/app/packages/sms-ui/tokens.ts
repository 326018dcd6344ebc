/**
 * Properties of the record in a text: `{{name}}`, or `{{name|fallback}}` for a record where the property is empty. A
 * property of the person texted is `{{contact.name}}`.
 *
 * The backend inserts the values; this file only writes tokens and removes them for counting.
 */

const TOKEN = /(?<!\{)\{\{\s*((?:[a-z0-9_]+\.)?[a-z0-9_]+)\s*(?:\|([^{}]*))?\}\}(?!\})/g;

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

/** Values of properties by internal name; null: empty. */
export type TokenValues = Readonly<Record<string, string | null>>;

/** The text with the values that are known, and each other token as the label of its property in square brackets. */
export function withValues(text: string, values: TokenValues, labelOf: (name: string) => string): string {
  return text.replace(TOKEN, (_, name: string, fallback?: string) =>
    name in values ? values[name] || (fallback ?? '').trim() : `[${labelOf(name)}]`,
  );
}

/** Appends `addition` to a text, after a blank if needed. */
export function appended(text: string, addition: string): string {
  return inserted(text, null, addition).text;
}

/** The end of the change between two texts, as a place in the newer one: the writer's last known place. */
export function changedUntil(before: string, after: string): number {
  const longest = Math.min(before.length, after.length);
  let same = 0;
  while (same < longest && before.at(-1 - same) === after.at(-1 - same)) same += 1;
  return after.length - same;
}

/** Whether the writer has begun a token by hand: `{{` stands before the place of the last change. */
export function opensToken(text: string, cursor: number | null): boolean {
  return /(?<!\{)\{\{[^{}]*$/.test(text.slice(0, cursor ?? text.length));
}

/**
 * Puts `addition` where the text last changed, else at its end (HubSpot does not report the caret's position), with a
 * blank on each side where two words would meet. A token completes braces that the writer has typed.
 */
export function inserted(
  text: string,
  cursor: number | null,
  addition: string,
): { text: string; cursor: number } {
  const place = Math.min(cursor ?? text.length, text.length);
  const isToken = addition.startsWith('{{');
  const before = isToken ? text.slice(0, place).replace(/\{\{[^{}]*$/, '') : text.slice(0, place);
  const after = text.slice(place);
  const isGlued = /^$|[\s'’(«"/-]$/.test(before) || (isEmoji(addition, '^') && isEmoji(before, '$'));
  const put = `${before}${isGlued ? '' : ' '}${addition}`;
  return { text: put + (/^[\p{L}\p{N}[{]/u.test(after) ? ' ' : '') + after, cursor: put.length };
}

/** Whether a text begins or ends with an emoji: no blank separates two of them. */
function isEmoji(text: string, edge: '^' | '$'): boolean {
  const emoji = String.raw`[\p{Extended_Pictographic}\u{1f1e6}-\u{1f1ff}\ufe0f]`;
  return new RegExp(edge === '^' ? `^${emoji}` : `${emoji}$`, 'u').test(text);
}

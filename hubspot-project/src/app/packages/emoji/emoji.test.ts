import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { searchEmoji } from './index';
import { makeEmoji } from './make-emoji.mjs';

describe('emoji.json', () => {
  it('is what make-emoji.mjs makes of the library (npm run emoji)', async () => {
    const file = readFileSync(new URL('emoji.json', import.meta.url), 'utf8');
    expect(file).toBe(await makeEmoji());
  });

  it('has enough to choose from, each once', () => {
    const all = searchEmoji('');
    expect(all.length).toBeGreaterThan(250);
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('searching', () => {
  it.each([
    ['gâteau', '🎂'],
    ['gateau anniv', '🎂'],
    ['birthday cake', '🎂'],
    ['CŒUR', '❤️'],
    ['heart', '❤️'],
    ['cloche', '🔔'],
    ['calend', '📅'],
    ['camion', '🚚'],
    ['merci', '🙏'],
  ])('"%s" finds %s', (query, emoji) => {
    expect(searchEmoji(query)).toContain(emoji);
  });

  it('needs every word', () => {
    expect(searchEmoji('gateau camion')).toEqual([]);
  });

  it('takes signs for blanks', () => {
    expect(searchEmoji(' .*! ')).toEqual(searchEmoji(''));
  });
});

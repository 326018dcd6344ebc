// Both languages have the same keys and slots, and every key is used.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { HOST, importSource } from './support.mjs';

const slots = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

test('French and English have the same keys and slots', async (t) => {
  const { en } = await importSource(t, 'texts/en.ts');
  const { fr } = await importSource(t, 'texts/fr.ts');
  assert.deepEqual(Object.keys(fr).sort(), Object.keys(en).sort());
  for (const key of Object.keys(en)) assert.deepEqual(slots(fr[key]), slots(en[key]), key);
});

test('amounts are written as the reader writes them, with cents only where there are some', async (t) => {
  const { makeTexts } = await importSource(t, 'texts/index.ts');
  const shown = (language, amount) => makeTexts(language, 'Europe/Paris').money(amount);
  assert.equal(shown('fr', 1250), '1\u202f250\u00a0€');
  assert.equal(shown('en', 1250), '€1,250');
  assert.equal(shown('en', 9.5), '€9.50');
});

test('every text is used', async (t) => {
  const { en } = await importSource(t, 'texts/en.ts');
  const files = fs
    .readdirSync(path.join(HOST, 'src'), { recursive: true })
    .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('texts'));
  const source = files.map((file) => fs.readFileSync(path.join(HOST, 'src', file), 'utf8')).join('\n');
  // Keys composed of parts (`start.${key}.title`) count as used by their fixed prefix.
  const built = [...source.matchAll(/`([a-zA-Z]+(?:\.[a-zA-Z]+)*\.)\$\{/g)].map((match) => match[1]);
  const used = (key) =>
    source.includes(`'${key}'`) ||
    built.some((beginning) => key.startsWith(beginning)) ||
    (/\.(one|other)$/.test(key) && source.includes(`'${key.replace(/\.(one|other)$/, '')}'`));
  assert.deepEqual(
    Object.keys(en).filter((key) => !used(key)),
    [],
  );
});

// No files of the host import each other in a circle, so each can be read by itself.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { HOST, temporaryFolder } from './support.mjs';

const IMPORT = /(?:from|import)\s*\(?\s*'(\.[^']*)'/g;

const sourcesUnder = (folder) =>
  fs
    .readdirSync(folder, { recursive: true })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => path.join(folder, name));

/** Type imports count too: they also make a reader open both files. */
function importsOf(file) {
  return [...fs.readFileSync(file, 'utf8').matchAll(IMPORT)]
    .map(([, name]) => path.resolve(path.dirname(file), name))
    .flatMap((target) => ['', '.ts', '.tsx', '/index.ts', '/index.tsx'].map((end) => target + end))
    .filter((target) => fs.existsSync(target) && fs.statSync(target).isFile());
}

/** The files of one circle, or undefined. */
function circleIn(folder) {
  const finished = new Set();
  const chain = [];
  const visit = (file) => {
    if (chain.includes(file)) return chain.slice(chain.indexOf(file));
    if (finished.has(file)) return undefined;
    chain.push(file);
    for (const next of importsOf(file)) {
      const circle = visit(next);
      if (circle) return circle;
    }
    chain.pop();
    finished.add(file);
    return undefined;
  };
  return sourcesUnder(folder)
    .map((file) => visit(file))
    .find((circle) => circle);
}

test('no files import each other in a circle', () => {
  const folder = path.join(HOST, 'src');
  assert.ok(sourcesUnder(folder).flatMap(importsOf).length > 100);
  assert.equal(circleIn(folder), undefined);
});

test('a circle is found, also one of types', (t) => {
  const folder = temporaryFolder(t);
  fs.writeFileSync(path.join(folder, 'a.ts'), "import type { B } from './b';\n");
  fs.writeFileSync(path.join(folder, 'b.ts'), "import { c } from './c';\n");
  fs.writeFileSync(path.join(folder, 'c.ts'), "import { a } from './a';\n");
  assert.equal(circleIn(folder).length, 3);
});

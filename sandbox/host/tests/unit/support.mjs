// Helpers of the unit tests: a throw-away copy of the mini project, and TypeScript sources as modules.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { currentCatalogue } from '../../tools/bundle-host.mjs';

export const HOST = path.join(import.meta.dirname, '../..');
const MINI = path.join(HOST, 'tests/fixtures/mini');

/** A folder that the end of the test removes. */
export function temporaryFolder(test) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sandbox-host-'));
  test.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A copy of this repository's HubSpot project with `segment` in its service addresses, as `make stage` writes it. */
export function stagedProject(test, segment) {
  const folder = temporaryFolder(test);
  const root = path.join(HOST, '../..');
  fs.cpSync(path.join(root, 'hsproject.json'), path.join(folder, 'hsproject.json'));
  fs.cpSync(path.join(root, 'hubspot-project'), path.join(folder, 'hubspot-project'), {
    recursive: true,
    filter: (file) => path.basename(file) !== 'node_modules',
  });
  const actions = path.join(folder, 'hubspot-project/src/app/workflow-actions');
  for (const name of fs.readdirSync(actions)) {
    const text = fs.readFileSync(path.join(actions, name), 'utf8');
    fs.writeFileSync(path.join(actions, name), text.replaceAll('${SERVICE_SEGMENT}', segment));
  }
  return folder;
}

/** A copy of the mini project; `edit(file, change)` changes a JSON file of it in place. */
export function copyProject(test) {
  const folder = temporaryFolder(test);
  fs.cpSync(MINI, folder, { recursive: true });
  const at = (file) => path.join(folder, file);
  return {
    folder,
    edit(file, change) {
      const content = JSON.parse(fs.readFileSync(at(file), 'utf8'));
      change(content);
      fs.writeFileSync(at(file), JSON.stringify(content));
    },
    write: (file, text) => {
      fs.mkdirSync(path.dirname(at(file)), { recursive: true });
      fs.writeFileSync(at(file), text);
    },
    remove: (file) => fs.rmSync(at(file)),
    move: (from, to) => {
      fs.mkdirSync(path.dirname(at(to)), { recursive: true });
      fs.renameSync(at(from), at(to));
    },
  };
}

/** Imports a TypeScript source of the host, bundled for Node. */
export async function importSource(test, file) {
  const outfile = path.join(temporaryFolder(test), 'module.mjs');
  const catalogue = await currentCatalogue();
  await build({
    entryPoints: [path.join(HOST, 'src', file)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    jsx: 'automatic',
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: 'error',
    plugins: [
      {
        name: 'sdk-catalogue',
        setup(plugin) {
          plugin.onResolve({ filter: /^sdk-catalogue$/ }, (args) => ({
            path: args.path,
            namespace: 'generated',
          }));
          plugin.onLoad({ filter: /.*/, namespace: 'generated' }, () => ({
            contents: JSON.stringify(catalogue),
            loader: 'json',
          }));
        },
      },
    ],
  });
  return import(pathToFileURL(outfile).href);
}

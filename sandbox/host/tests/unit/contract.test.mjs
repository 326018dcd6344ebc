// The host knows everything that the installed SDK can send. Fails after an SDK upgrade until the host is adapted.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { readCatalogue, sdkFolder, wireNames } from '../../tools/sdk-catalogue.mjs';
import { importSource } from './support.mjs';

const sdk = sdkFolder(import.meta.filename);

test('every component of the SDK is drawn or deliberately boxed, and nothing else is', async (t) => {
  const { IMPLEMENTATIONS } = await importSource(t, 'components/index.ts');
  const { BOXED } = await importSource(t, 'components/boxed.tsx');
  const drawn = Object.keys(IMPLEMENTATIONS);
  assert.deepEqual(
    drawn.filter((name) => BOXED.includes(name)),
    [],
  );
  assert.deepEqual([...drawn, ...BOXED].sort(), wireNames(sdk));
});

test('the components an SMS app uses are drawn', async (t) => {
  const { IMPLEMENTATIONS } = await importSource(t, 'components/index.ts');
  const needed = [
    'Form',
    'TextArea',
    'Select',
    'Panel',
    'Modal',
    'StatusTag',
    'Statistics',
    'Table',
    'Tabs',
    'Toggle',
    'EmptyState',
  ];
  assert.deepEqual(
    needed.filter((name) => !IMPLEMENTATIONS[name]),
    [],
  );
});

test('the catalogue holds the props the SDK declares', async () => {
  const { components } = await readCatalogue(sdk);
  assert.deepEqual(Object.keys(components), wireNames(sdk));
  assert.deepEqual(components.Button.fragments, ['overlay']);
  assert.deepEqual(components.Text.props.variant.values, ['bodytext', 'microcopy']);
  assert.ok('onSortChange' in components.TableHeader.props, 'props of every variant of a union are known');
  assert.ok('buttonText' in components.Dropdown.props, 'compound components are known');
  assert.equal(components.ProgressBar.props.colour, undefined);
});

/** Names of the members of an interface in a declaration file. */
function members(file, name) {
  const source = fs.readFileSync(path.join(sdk, 'dist/shared.synced/types', file), 'utf8');
  const body = new RegExp(`interface ${name} \\{([^]*?)\\n\\}`).exec(source);
  assert.ok(body, `${name} is declared in ${file}`);
  return [...body[1].matchAll(/^ {4}(\w+)\??:/gm)].map((match) => match[1]);
}

test('the worker has every global the SDK reads', async (t) => {
  const { installGlobals } = await importSource(t, 'worker/globals.ts');
  const scope = {};
  installGlobals(scope, {}, { api: {}, location: {}, extension: null });
  for (const name of members('worker-globals.synced.d.ts', 'WorkerGlobalsInternal')) {
    assert.ok(name in scope, `the worker has ${name}`);
  }
  assert.deepEqual(
    Object.keys(scope.hsWorkerAPI).sort(),
    members('worker-globals.synced.d.ts', 'WorkersApi').sort(),
  );
  for (const name of ['React', 'RemoteUI', 'hsFetch', 'serverless'])
    assert.ok(name in scope, `the worker has ${name}`);
  assert.match(scope.React.version, /^18\./);
});

test('extensions get every action the SDK declares', async (t) => {
  const { makeActions } = await importSource(t, 'extension/actions.ts');
  const crm = members('actions.synced.d.ts', 'CrmHostActions');
  const platform = members('actions.synced.d.ts', 'UiePlatformActions');
  const names = (feed) => Object.keys(makeActions({ feed })).sort();
  assert.deepEqual(names({}), [...new Set([...crm, ...platform])].sort());
  assert.deepEqual(names(null), [...new Set([...platform, 'addAlert'])].sort());
});

test('drawn icons have names the SDK knows', async (t) => {
  const { components } = await readCatalogue(sdk);
  const { GLYPHS } = await importSource(t, 'components/content/icons.ts');
  const known = new Set(components.Icon.props.name.values);
  assert.deepEqual(
    Object.keys(GLYPHS).filter((name) => !known.has(name)),
    [],
  );
});

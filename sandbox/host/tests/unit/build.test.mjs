// The build command: its output, the steps it skips, the projects it refuses.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { copyProject, HOST, temporaryFolder } from './support.mjs';

/** The copy must find the SDK and React 18, as a project finds them in its own node_modules. */
function linkModules(folder) {
  fs.symlinkSync(path.join(HOST, 'node_modules'), path.join(folder, 'src/app/node_modules'));
}

function run(folder, out, ...more) {
  const args = [
    path.join(HOST, 'build.mjs'),
    '--project',
    folder,
    '--profile',
    'sandbox',
    '--out',
    out,
    ...more,
  ];
  return spawnSync(process.execPath, args, { encoding: 'utf8' });
}

test('writes the description, the bundles and the host, and builds only what changed', (t) => {
  const project = copyProject(t);
  linkModules(project.folder);
  const out = temporaryFolder(t);
  const first = run(project.folder, out, '--origin', 'https://connector.sandbox.example');
  assert.equal(first.status, 0, first.stderr);
  const description = JSON.parse(fs.readFileSync(path.join(out, 'project.json'), 'utf8'));
  assert.equal(description.app.uid, 'mini_app');
  const card = description.components.find((each) => each.uid === 'tour_card');
  assert.equal(card.bundle, 'bundles/Tour.js');
  assert.equal(card.file, 'app/cards/tour-hsmeta.json');
  const outputs = [
    'bundles/Tour.js',
    'bundles/Tour-manifest.json',
    'bundles/Settings.js',
    'host/index.html',
    'host/host.js',
    'host/host.css',
    'host/worker-runtime.js',
  ];
  const times = () => outputs.map((file) => fs.statSync(path.join(out, file)).mtimeMs);
  const before = times();
  assert.equal(run(project.folder, out, '--origin', 'https://connector.sandbox.example').status, 0);
  assert.deepEqual(times(), before);
  fs.appendFileSync(path.join(project.folder, 'src/app/cards/Tour.tsx'), '\n');
  assert.equal(run(project.folder, out, '--origin', 'https://connector.sandbox.example').status, 0);
  const after = times();
  assert.notEqual(after[0], before[0]);
  assert.equal(after[4], before[4]);
});

test('an invalid project ends with exit code 1, the problem on standard error, and no description', (t) => {
  const project = copyProject(t);
  project.edit('src/app/cards/tour-hsmeta.json', ({ config }) => (config.location = 'nowhere'));
  const out = temporaryFolder(t);
  const result = run(project.folder, out);
  assert.equal(result.status, 1);
  assert.match(result.stderr, /tour-hsmeta\.json · config\.location/);
  assert.equal(fs.existsSync(path.join(out, 'project.json')), false);
});

test('refuses a profile whose URL is not the sandbox’s origin', (t) => {
  const result = run(copyProject(t).folder, temporaryFolder(t), '--origin', 'https://elsewhere.example');
  assert.equal(result.status, 1);
  assert.match(result.stderr, /does not permit https:\/\/elsewhere\.example/);
});

test('refuses an extension whose source does not build', (t) => {
  const project = copyProject(t);
  linkModules(project.folder);
  project.write('src/app/cards/Tour.tsx', "import './missing';");
  const result = run(project.folder, temporaryFolder(t));
  assert.equal(result.status, 1);
  assert.match(result.stderr, /Tour\.tsx: does not build/);
});

test('refuses a bundle that carries React 19', (t) => {
  const project = copyProject(t);
  const modules = path.join(project.folder, 'src/app/node_modules');
  fs.mkdirSync(path.join(modules, '@hubspot'), { recursive: true });
  fs.symlinkSync(path.join(HOST, 'node_modules/react19'), path.join(modules, 'react'));
  fs.symlinkSync(
    path.join(HOST, 'node_modules/@hubspot/ui-extensions'),
    path.join(modules, '@hubspot/ui-extensions'),
  );
  const result = run(project.folder, temporaryFolder(t));
  assert.equal(result.status, 1);
  assert.match(result.stderr, /bundled with React 19/);
});

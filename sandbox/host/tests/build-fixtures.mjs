// Builds the files for the browser tests: the host, the mini project, and bundles that break HubSpot's rules.
//
//   node sandbox/host/tests/build-fixtures.mjs <out>

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const TESTS = import.meta.dirname;
const HOST = path.join(TESTS, '..');
const FIXTURES = path.join(TESTS, 'fixtures');

process.env.NODE_ENV = 'production';

async function bundle(root, file, target) {
  const { remoteBuild } = await import('@hubspot/ui-extensions-dev-server/build');
  const temporary = fs.mkdtempSync(path.join(target, '.building-'));
  await remoteBuild({
    root,
    entryPoint: path.join(root, file),
    outputDir: temporary,
    logLevel: 'error',
  });
  for (const made of fs.readdirSync(temporary))
    fs.renameSync(path.join(temporary, made), path.join(target, made));
  fs.rmSync(temporary, { recursive: true });
}

/** A project folder where `react` is React 19; everything else is ours. */
function react19Folder(out) {
  const folder = path.join(out, 'react19');
  const modules = path.join(folder, 'node_modules');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(path.join(modules, '@hubspot'), { recursive: true });
  fs.symlinkSync(path.join(HOST, 'node_modules/react19'), path.join(modules, 'react'));
  fs.symlinkSync(
    path.join(HOST, 'node_modules/@hubspot/ui-extensions'),
    path.join(modules, '@hubspot/ui-extensions'),
  );
  fs.copyFileSync(path.join(FIXTURES, 'react19/ReactNineteen.tsx'), path.join(folder, 'ReactNineteen.tsx'));
  fs.copyFileSync(path.join(FIXTURES, 'tsconfig.json'), path.join(folder, 'tsconfig.json'));
  return folder;
}

async function main() {
  const out = path.resolve(process.argv[2]);
  const build = [
    path.join(HOST, 'build.mjs'),
    '--project',
    path.join(FIXTURES, 'mini'),
    '--profile',
    'sandbox',
    '--out',
    out,
  ];
  execFileSync(process.execPath, build, { stdio: 'inherit' });
  const target = path.join(out, 'bundles');
  const broken = path.join(FIXTURES, 'broken');
  for (const file of fs.readdirSync(broken)) await bundle(broken, file, target);
  await bundle(react19Folder(out), 'ReactNineteen.tsx', target);
}

await main();

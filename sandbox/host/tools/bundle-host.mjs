// Builds the page (host.js, host.css, index.html) and the worker's runtime from ../src.

import fs from 'node:fs';
import path from 'node:path';
import { readCatalogue, sdkFolder } from './sdk-catalogue.mjs';

const HOST = path.join(import.meta.dirname, '..');
const SOURCE = path.join(HOST, 'src');

/** The catalogue of the installed SDK, cached in `.cache` by version because reading it takes seconds. */
export async function currentCatalogue() {
  const sdk = sdkFolder(import.meta.filename);
  const { version } = JSON.parse(fs.readFileSync(path.join(sdk, 'package.json'), 'utf8'));
  const cache = path.join(HOST, '.cache', `sdk-catalogue-${version}.json`);
  if (fs.existsSync(cache)) return JSON.parse(fs.readFileSync(cache, 'utf8'));
  const catalogue = await readCatalogue(sdk);
  fs.mkdirSync(path.dirname(cache), { recursive: true });
  fs.writeFileSync(`${cache}.${process.pid}`, JSON.stringify(catalogue));
  fs.renameSync(`${cache}.${process.pid}`, cache);
  return catalogue;
}

/** `import catalogue from 'sdk-catalogue'` in ../src gets the generated list. */
function cataloguePlugin(catalogue) {
  return {
    name: 'sdk-catalogue',
    setup(build) {
      build.onResolve({ filter: /^sdk-catalogue$/ }, (args) => ({
        path: args.path,
        namespace: 'generated',
      }));
      build.onLoad({ filter: /.*/, namespace: 'generated' }, () => ({
        contents: JSON.stringify(catalogue),
        loader: 'json',
      }));
    },
  };
}

/** Writes index.html, host.js, host.css and worker-runtime.js into `<out>/host`. Throws on a compile error. */
export async function bundleHost(out) {
  const { build } = await import('esbuild');
  const target = path.join(out, 'host');
  fs.mkdirSync(target, { recursive: true });
  await build({
    entryPoints: {
      host: path.join(SOURCE, 'main.tsx'),
      'worker-runtime': path.join(SOURCE, 'worker/runtime.tsx'),
    },
    outdir: target,
    bundle: true,
    // Classic scripts: the worker loads bundles with importScripts, which a module worker does not have.
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
    // Fonts go into the stylesheet, so that the server needs no further files.
    loader: { '.woff2': 'dataurl' },
    plugins: [cataloguePlugin(await currentCatalogue())],
    logLevel: 'error',
  });
  fs.copyFileSync(path.join(SOURCE, 'index.html'), path.join(target, 'index.html'));
}

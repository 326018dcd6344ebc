// Builds each UI extension with HubSpot's own bundler, exactly as HubSpot's cloud does.

import fs from 'node:fs';
import path from 'node:path';
import { hasBundle } from './check-views.mjs';
import { ProjectInvalid } from './problems.mjs';

// The marker of elements made by React 19's jsx-runtime. HubSpot's worker has React 18, which fails on it at run time
// although the bundler builds it without a warning.
const REACT_19_MARKER = 'react.transitional.element';

/**
 * Builds the bundles into `<out>/bundles` and returns a Map from component uid to `bundles/<Name>.js`.
 * Components may share one entry file. Throws ProjectInvalid when a source does not build or contains React 19.
 */
export async function bundleExtensions(project, out) {
  const target = fs.mkdtempSync(path.join(out, '.bundles-'));
  try {
    const bundles = await bundleInto(project, target);
    // A browser may load the old bundles until the end of the build.
    fs.rmSync(path.join(out, 'bundles'), { recursive: true, force: true });
    fs.renameSync(target, path.join(out, 'bundles'));
    return bundles;
  } finally {
    fs.rmSync(target, { recursive: true, force: true });
  }
}

async function bundleInto(project, target) {
  const bundles = new Map();
  const built = new Set();
  for (const view of project.components.filter(hasBundle)) {
    const entry = path.join(project.sourceFolder, view.config.entrypoint);
    const name = path.parse(entry).name;
    if (!built.has(entry)) await bundleOne(project, view, entry, target);
    built.add(entry);
    bundles.set(view.uid, `bundles/${name}.js`);
  }
  return bundles;
}

async function bundleOne(project, view, entry, target) {
  // The bundler reads NODE_ENV; a development build would call a jsx-runtime function that production React lacks.
  process.env.NODE_ENV = 'production';
  // Not the package root, which installs process-wide error handlers and an error reporter.
  const { remoteBuild } = await import('@hubspot/ui-extensions-dev-server/build');
  const temporary = fs.mkdtempSync(path.join(target, '.building-'));
  try {
    await remoteBuild({
      root: path.dirname(entry),
      entryPoint: entry,
      outputDir: temporary,
      logLevel: 'error',
      appConfig: { variables: project.variables },
    });
    const name = path.parse(entry).name;
    refuseReact19(path.join(temporary, `${name}.js`), view);
    for (const file of fs.readdirSync(temporary))
      fs.renameSync(path.join(temporary, file), path.join(target, file));
  } catch (error) {
    if (error instanceof ProjectInvalid) throw error;
    throw new ProjectInvalid([{ file: view.config.entrypoint, reason: `does not build: ${error.message}` }]);
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

function refuseReact19(bundle, view) {
  if (!fs.readFileSync(bundle, 'utf8').includes(REACT_19_MARKER)) return;
  const reason =
    'was bundled with React 19; HubSpot runs React 18 (install react 18.3.1 beside the extension)';
  throw new ProjectInvalid([{ file: view.config.entrypoint, reason }]);
}

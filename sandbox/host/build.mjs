// Validates a HubSpot project and builds everything the sandbox's pages need.
//
//   node sandbox/host/build.mjs --project . --profile sandbox --out .sandbox/build [--origin
// https://connector.example]
//
// Exit code 0: `<out>/project.json`, `<out>/bundles/`, `<out>/host/` are up to date. Exit code 1: the project is not
// valid; each problem is printed with file, field and reason. Steps whose inputs have not changed are skipped.

import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { BuildState, fingerprint } from './tools/fingerprint.mjs';
import { ProjectInvalid } from './tools/problems.mjs';

const HERE = import.meta.dirname;

function readArguments() {
  const text = { type: 'string' };
  const { values } = parseArgs({
    options: { project: text, profile: text, out: text, origin: text },
  });
  const missing = ['project', 'profile', 'out'].filter((name) => !values[name]);
  if (missing.length > 0) throw new Error(`Give ${missing.map((name) => `--${name}`).join(', ')}`);
  return values;
}

/** Inputs of the project step: sources, the installed packages of the extensions, and this validator. */
function projectInputs(projectFolder) {
  const root = path.resolve(projectFolder);
  const file = path.join(root, 'hsproject.json');
  let srcDir = 'src';
  try {
    srcDir = JSON.parse(fs.readFileSync(file, 'utf8')).srcDir ?? srcDir;
  } catch {
    // The validator reports it.
  }
  const source = path.join(root, srcDir);
  const installed = path.join(source, 'app/node_modules/.package-lock.json');
  return [
    file,
    source,
    installed,
    path.join(HERE, 'tools'),
    path.join(HERE, 'schemas'),
    path.join(HERE, 'package-lock.json'),
  ];
}

async function buildProject({ project: folder, profile, out, origin }) {
  const { validateProject } = await import('./tools/validate-project.mjs');
  const { bundleExtensions } = await import('./tools/bundle-extensions.mjs');
  const project = await validateProject(folder, profile);
  if (origin) requireOrigin(project, origin);
  const bundles = await bundleExtensions(project, out);
  copyLogo(project, out);
  const { name, platformVersion, accountId, variables, app, components } = project;
  const description = {
    name,
    platform_version: platformVersion,
    profile,
    account_id: accountId,
    variables,
    app: { uid: app.uid, config: app.config },
    components: components.map((component) => ({
      ...component,
      bundle: bundles.get(component.uid) ?? null,
    })),
  };
  writeWhole(path.join(out, 'project.json'), `${JSON.stringify(description, null, 2)}\n`);
}

/** The pages show the app's logo. Browsers detect the format from the content, so a JPEG may be named png. */
function copyLogo({ app, sourceFolder }, out) {
  const target = path.join(out, 'host/app-logo.png');
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.rmSync(target, { force: true });
  if (app.config.logo) fs.copyFileSync(path.join(sourceFolder, app.config.logo), target);
}

/** A concurrent reader sees the old or the new file, never a part. */
function writeWhole(file, text) {
  const temporary = `${file}.${process.pid}`;
  fs.writeFileSync(temporary, text);
  fs.renameSync(temporary, file);
}

/** The sandbox sends requests for one origin to the local backend: the profile must use that one. */
function requireOrigin(project, origin) {
  const permitted = project.app.config.permittedUrls?.fetch ?? [];
  if (permitted.some((url) => new URL(url).origin === new URL(origin).origin)) return;
  const reason = `does not permit ${origin}, which the sandbox connects to the backend`;
  throw new ProjectInvalid([{ file: project.app.file, field: 'config.permittedUrls.fetch', reason }]);
}

async function main() {
  const options = readArguments();
  const out = path.resolve(options.out);
  fs.mkdirSync(out, { recursive: true });
  const state = new BuildState(out);
  const projectHash = fingerprint(
    projectInputs(options.project),
    `${options.profile} ${options.origin ?? ''}`,
  );
  if (!state.isCurrent('project', projectHash, [path.join(out, 'project.json'), path.join(out, 'bundles')])) {
    await buildProject({ ...options, out }).catch((error) => {
      // The output of an earlier, valid project must not be served for this one.
      fs.rmSync(path.join(out, 'project.json'), { force: true });
      throw error;
    });
    state.save('project', projectHash);
  }
  const hostInputs = ['src', 'tools', 'package-lock.json'].map((name) => path.join(HERE, name));
  const hostHash = fingerprint(hostInputs);
  if (!state.isCurrent('host', hostHash, [path.join(out, 'host/host.js')])) {
    const { bundleHost } = await import('./tools/bundle-host.mjs');
    await bundleHost(out);
    state.save('host', hostHash);
  }
}

main().catch((error) => {
  console.error(error instanceof ProjectInvalid ? error.message : error);
  process.exitCode = 1;
});

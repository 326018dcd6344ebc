// Cross-checks of the app component that a JSON schema cannot express.

import fs from 'node:fs';
import path from 'node:path';
import { readSchema } from './parse-project.mjs';
import { collector } from './problems.mjs';

const LOCAL_HOST = /^(localhost|127\.|0\.0\.0\.0|\[::1\])/;

/** HubSpot refuses an install with an unknown scope, without naming the scope. */
export function knownScopes() {
  const { plain, granular, access } = readSchema('scopes');
  const expanded = Object.entries(granular).flatMap(([prefix, objects]) =>
    objects.flatMap((object) => access.map((right) => `${prefix}.${object}.${right}`)),
  );
  return new Set([...plain, ...expanded]);
}

/** Adds the app's problems to `problems`. */
export function checkApp(project, problems) {
  const { config, file } = project.app;
  const add = collector(problems, file);
  checkScopes(config, add);
  checkUrls(config.permittedUrls ?? {}, add);
  if (config.distribution === 'marketplace' && config.auth.type !== 'oauth') {
    add('config.auth.type', 'must be oauth when distribution is marketplace');
  }
  if (config.auth.type === 'oauth' && !config.auth.redirectUrls) {
    add('config.auth.redirectUrls', 'is required when auth.type is oauth');
  }
  if (config.logo && !fs.existsSync(path.join(project.sourceFolder, config.logo))) {
    add('config.logo', `there is no file ${config.logo} in the source folder`);
  }
}

function checkScopes({ auth }, add) {
  const known = knownScopes();
  const seen = new Map();
  for (const list of ['requiredScopes', 'optionalScopes', 'conditionallyRequiredScopes']) {
    for (const scope of auth[list] ?? []) {
      const field = `config.auth.${list}`;
      if (!known.has(scope)) add(field, `unknown scope ${scope}`);
      if (seen.has(scope)) add(field, `scope ${scope} is already in ${seen.get(scope)}`);
      seen.set(scope, list);
    }
  }
  if (auth.type === 'oauth' && !auth.requiredScopes.includes('oauth')) {
    add('config.auth.requiredScopes', 'must include oauth');
  }
}

function checkUrls(permittedUrls, add) {
  for (const [purpose, urls] of Object.entries(permittedUrls)) {
    for (const url of urls) {
      const field = `config.permittedUrls.${purpose}`;
      if (!URL.canParse(url)) add(field, `${url} is not a URL`);
      else if (LOCAL_HOST.test(new URL(url).hostname))
        add(field, `${url}: HubSpot cannot reach this machine`);
      else if (new URL(url).search || new URL(url).hash) add(field, `${url}: give no query or fragment`);
    }
  }
}

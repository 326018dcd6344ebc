// Reads a HubSpot project with HubSpot's own parser and validates it against the schemas in ../schemas.
//
// HubSpot serves its schemas only to signed-in accounts, and the parser's local checks run after that request. This
// file answers the request instead. The schemas are ours, written from HubSpot's documentation (each file names its
// page).

import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { ProjectInvalid, collector } from './problems.mjs';

const SCHEMAS = path.join(import.meta.dirname, '../schemas');
// Keys are the parser's internal type names.
const COMPONENT_SCHEMAS = {
  APPLICATION: 'application',
  CARD: 'card',
  SETTINGS: 'settings',
  PAGE: 'page',
  APP_EVENT: 'app_event',
  WORKFLOW_ACTION: 'workflow_action',
  WEBHOOKS: 'webhooks',
};
const TYPE_NAMES = {
  APPLICATION: 'app',
  CARD: 'card',
  SETTINGS: 'settings',
  PAGE: 'page',
  APP_EVENT: 'app-event',
  WORKFLOW_ACTION: 'workflow-action',
  WEBHOOKS: 'webhooks',
};

export function readSchema(name) {
  return JSON.parse(fs.readFileSync(path.join(SCHEMAS, `${name}.json`), 'utf8'));
}

/** Loads a module of HubSpot's parser from the parser's own folder, as several copies may be installed. */
async function importBesideParser(name) {
  const require = createRequire(import.meta.url);
  const parser = createRequire(require.resolve('@hubspot/project-parsing-lib/translate'));
  return import(pathToFileURL(parser.resolve(name)).href);
}

async function answerSchemasLocally() {
  const { http } = await importBesideParser('@hubspot/local-dev-lib/http');
  const schemas = Object.fromEntries(
    Object.entries(COMPONENT_SCHEMAS).map(([type, file]) => [type, readSchema(file)]),
  );
  http.get = async (accountId, { url }) => {
    if (!url.startsWith('project-components-external/project-schemas/')) {
      throw new Error(`The parser made an unexpected request: ${url}`);
    }
    return { data: schemas };
  };
}

function readJson(folder, name) {
  const file = path.join(folder, name);
  let text;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch {
    throw new ProjectInvalid([{ file: name, reason: 'is missing' }]);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProjectInvalid([{ file: name, reason: `is not JSON (${error.message})` }]);
  }
}

async function checkAgainst(schemaName, value, file) {
  const { createAjvInstance } = await importParserInternals();
  const validate = createAjvInstance().compile(readSchema(schemaName));
  if (validate(value)) return;
  const problems = [];
  const add = collector(problems, file);
  for (const error of validate.errors) {
    const field = error.instancePath.split('/').filter(Boolean).join('.');
    const extra = error.params.additionalProperty ? ` (${error.params.additionalProperty})` : '';
    add(field, `${error.message}${extra}`);
  }
  throw new ProjectInvalid(problems);
}

async function importParserInternals() {
  const { default: Ajv } = await importBesideParser('ajv/dist/2020.js');
  const { default: addFormats } = await importBesideParser('ajv-formats');
  return {
    createAjvInstance() {
      const ajv = new Ajv({ allErrors: true, strict: false });
      addFormats(ajv);
      return ajv;
    },
  };
}

/**
 * Parses the project for one profile.
 * Answer: {name, platformVersion, profile, accountId, variables, sourceFolder, app, components}; each component is
 * {uid, type, config (placeholders replaced), file (relative to the source folder)}.
 * Throws ProjectInvalid; any other exception is a bug of this program.
 */
export async function parseProject(projectFolder, profile) {
  const root = path.resolve(projectFolder);
  const project = readJson(root, 'hsproject.json');
  await checkAgainst('hsproject', project, 'hsproject.json');
  const sourceFolder = path.resolve(root, project.srcDir);
  if (path.relative(root, sourceFolder).startsWith('..') || !fs.existsSync(sourceFolder)) {
    throw new ProjectInvalid([
      { file: 'hsproject.json', field: 'srcDir', reason: 'is not a folder of the project' },
    ]);
  }
  const profileFile = `hsprofile.${profile}.json`;
  const profileContent = readJson(sourceFolder, profileFile);
  await checkAgainst('hsprofile', profileContent, profileFile);
  const { accountId, variables = {} } = profileContent;
  const components = await translate(sourceFolder, project.platformVersion, profile, accountId);
  return {
    name: project.name,
    platformVersion: project.platformVersion,
    profile,
    accountId,
    variables,
    sourceFolder,
    app: components.find((component) => component.type === 'app'),
    components: components.filter((component) => component.type !== 'app'),
  };
}

async function translate(projectSourceDir, platformVersion, profile, accountId) {
  await answerSchemasLocally();
  const { translate: parse, isTranslationError } = await import('@hubspot/project-parsing-lib/translate');
  let parsed;
  try {
    parsed = await parse({ projectSourceDir, platformVersion, accountId }, { profile });
  } catch (error) {
    throw isTranslationError(error) ? translationProblems(error) : plainProblem(error);
  }
  if (parsed.skippedHsMetaFiles.length > 0) {
    const reason =
      'lies in a folder that HubSpot ignores (hsmeta files belong directly in src/app/<type folder>)';
    throw new ProjectInvalid(parsed.skippedHsMetaFiles.map((file) => ({ file, reason })));
  }
  return Object.values(parsed.intermediateRepresentation.intermediateNodesIndexedByUid).map((node) => ({
    uid: node.uid,
    type: TYPE_NAMES[node.componentType] ?? node.componentType,
    config: node.config,
    file: node.metaFilePath,
  }));
}

// The parser's messages about a field: "config.name: must NOT have more than 200 characters".
const FIELD_MESSAGE = /^(config[\w.-]*|Value \(.*\) in config[\w.-]*): ([^]*)$/;

function translationProblems(error) {
  return new ProjectInvalid(
    error.errors.flatMap(({ file, errors }) =>
      errors.map((message) => {
        const [, field = '', reason = message] = FIELD_MESSAGE.exec(message) ?? [];
        return { file, field, reason: reason.replace(/\s+/g, ' ').trim() };
      }),
    ),
  );
}

/** The parser throws plain errors for a duplicate uid, a missing profile variable or an unknown platform version. */
function plainProblem(error) {
  return new ProjectInvalid([{ file: 'project', reason: error.message.replace(/\s+/g, ' ') }]);
}

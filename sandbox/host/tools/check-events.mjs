// Cross-checks of app events: the templates may use only values that an occurrence of that event can have.

import Handlebars from 'handlebars';
import { collector } from './problems.mjs';

const TYPES_PER_APP = 750;
// Documented block helpers (HubSpot docs, app events reference).
const BLOCK_HELPERS = new Set(['if', 'each', 'formatDate']);

/** Adds problems of every app event. */
export function checkEvents(project, problems) {
  const events = project.components.filter((component) => component.type === 'app-event');
  if (events.length === 0) return;
  const appProblem = collector(problems, project.app.file);
  const { distribution, auth } = project.app.config;
  if (!auth.requiredScopes.includes('timeline')) {
    appProblem('config.auth.requiredScopes', 'app events need the scope timeline');
  }
  if (distribution !== 'marketplace') appProblem('config.distribution', 'app events need a marketplace app');
  if (events.length > TYPES_PER_APP) appProblem('', `more than ${TYPES_PER_APP} app events`);
  for (const event of events) checkEvent(event, collector(problems, event.file));
  repeated(events.map((event) => `${event.config.objectType} ${event.config.name}`)).forEach((name) =>
    collector(problems, 'project')('config.name', `two app events are called ${name}`),
  );
}

function checkEvent({ config }, add) {
  const names = config.properties.map((property) => property.name);
  repeated(names).forEach((name) => add('config.properties', `${name} is declared twice`));
  for (const property of config.properties) {
    const values = (property.options ?? []).map((option) => option.value);
    repeated(values).forEach((value) =>
      add(`config.properties.${property.name}`, `option ${value} is given twice`),
    );
  }
  for (const field of ['headerTemplate', 'detailTemplate']) {
    if (config[field])
      checkTemplate(config[field], new Set(names), (reason) => add(`config.${field}`, reason));
  }
}

/** Calls `add(reason)` for a syntax error and for every token that is not a property, extraData or the timestamp. */
export function checkTemplate(template, properties, add) {
  let tree;
  try {
    tree = Handlebars.parse(template);
  } catch (error) {
    add(`is not a Handlebars template (${error.message.split('\n')[0]})`);
    return;
  }
  checkStatements(tree, { properties, add, inEach: false });
}

function checkStatements(program, scope) {
  for (const statement of program?.body ?? []) {
    if (statement.type === 'MustacheStatement') checkMustache(statement, scope);
    else if (statement.type === 'BlockStatement') checkBlock(statement, scope);
    else if (!['ContentStatement', 'CommentStatement'].includes(statement.type)) {
      scope.add(`${statement.type} is not documented for templates`);
    }
  }
}

function checkMustache(statement, scope) {
  if (!statement.escaped) scope.add(`{{{${statement.path.original}}}} is not documented; use two braces`);
  if (statement.params.length > 0) scope.add(`${statement.path.original} is not a documented helper`);
  else checkPath(statement.path, scope);
}

function checkBlock(block, scope) {
  const helper = block.path.original;
  if (!BLOCK_HELPERS.has(helper)) scope.add(`{{#${helper}}} is not a documented helper`);
  if (block.params.length !== 1) scope.add(`{{#${helper}}} takes one value`);
  block.params.forEach((param) => checkPath(param, scope));
  const inner = helper === 'each' ? { ...scope, inEach: true } : scope;
  checkStatements(block.program, inner);
  checkStatements(block.inverse, scope);
}

function checkPath(expression, { properties, add, inEach }) {
  if (expression.type !== 'PathExpression') return;
  const [first] = expression.parts;
  if (expression.data) add(`{{${expression.original}}} is not documented for templates`);
  else if (inEach && expression.original.startsWith('this')) return;
  else if (first !== 'extraData' && first !== 'timestamp' && !properties.has(expression.original)) {
    add(`unknown token {{${expression.original}}}`);
  }
}

function repeated(list) {
  return [...new Set(list.filter((item, index) => list.indexOf(item) !== index))];
}

// Handlebars as far as HubSpot documents it for event templates: {{prop}}, #if with else, #each, #formatDate.
// The tree is walked instead of compiled: compiled templates need `eval`, which the page's policy forbids.

import Handlebars from 'handlebars';

type Values = Record<string, unknown>;
type FormatDate = (value: string) => string;

interface Scope {
  values: Values;
  /** The current item inside #each. */
  item?: unknown;
  formatDate: FormatDate;
}

/** Returns the filled text, values HTML-escaped. Throws Error for anything outside the documented subset. */
export function fillTemplate(template: string, values: Values, formatDate: FormatDate): string {
  return fill(Handlebars.parse(template), { values, formatDate });
}

function fill(program: hbs.AST.Program | undefined, scope: Scope): string {
  return (program?.body ?? []).map((statement) => fillStatement(statement, scope)).join('');
}

function fillStatement(statement: hbs.AST.Statement, scope: Scope): string {
  switch (statement.type) {
    case 'ContentStatement':
      return (statement as hbs.AST.ContentStatement).value;
    case 'CommentStatement':
      return '';
    case 'MustacheStatement':
      return Handlebars.Utils.escapeExpression(
        textOf(read((statement as hbs.AST.MustacheStatement).path, scope)),
      );
    case 'BlockStatement':
      return fillBlock(statement as hbs.AST.BlockStatement, scope);
    default:
      throw new Error(`${statement.type} is not documented for event templates`);
  }
}

function fillBlock(block: hbs.AST.BlockStatement, scope: Scope): string {
  const helper = (block.path as hbs.AST.PathExpression).original;
  const value = block.params[0] && read(block.params[0], scope);
  switch (helper) {
    case 'if':
      return fill(Handlebars.Utils.isEmpty(value) ? block.inverse : block.program, scope);
    case 'each':
      if (Handlebars.Utils.isEmpty(value)) return fill(block.inverse, scope);
      return Object.values(value as object)
        .map((item) => fill(block.program, { ...scope, item }))
        .join('');
    case 'formatDate':
      return Handlebars.Utils.escapeExpression(scope.formatDate(textOf(value)));
    default:
      throw new Error(`{{#${String(helper)}}} is not documented for event templates`);
  }
}

/** Inside #each, `this.url` and `url` mean the item's; otherwise names are the event's. */
function read(expression: hbs.AST.Expression, scope: Scope): unknown {
  if (expression.type !== 'PathExpression')
    return (expression as hbs.AST.Literal & { value?: unknown }).value;
  const { parts, original } = expression as hbs.AST.PathExpression;
  const ofItem =
    scope.item !== undefined && (original.startsWith('this') || hasOwn(scope.item, String(parts[0])));
  let value: unknown = ofItem ? scope.item : scope.values;
  for (const part of parts) value = hasOwn(value, String(part)) ? (value as Values)[String(part)] : undefined;
  return value;
}

function hasOwn(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name);
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}

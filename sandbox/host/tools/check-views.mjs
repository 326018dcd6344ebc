// Cross-checks of cards, settings and pages: files that must exist, scopes they need, names of the bundles.

import fs from 'node:fs';
import path from 'node:path';
import { collector } from './problems.mjs';

const MAX_PREVIEW_BYTES = 5 * 1024 * 1024;
const READ_SCOPES = {
  contact: ['crm.objects.contacts.read'],
  company: ['crm.objects.companies.read'],
  deal: ['crm.objects.deals.read'],
  ticket: ['tickets', 'crm.objects.tickets.read'],
  order: ['crm.objects.orders.read'],
  cart: ['crm.objects.carts.read'],
};

export const hasBundle = ({ type }) => type === 'card' || type === 'settings' || type === 'page';

/** `contacts`, `CONTACT` -> `contact`; custom types stay as they are. */
export function singular(objectType) {
  const lower = objectType.toLowerCase();
  if (lower.startsWith('p_')) return objectType;
  return lower === 'companies' ? 'company' : lower.replace(/s$/, '');
}

/** Adds problems of every component that HubSpot bundles. */
export function checkViews(project, problems) {
  const outputs = new Map();
  for (const view of project.components.filter(hasBundle)) {
    const add = collector(problems, view.file);
    const entry = path.join(project.sourceFolder, view.config.entrypoint);
    if (!fs.existsSync(entry)) add('config.entrypoint', `there is no file ${view.config.entrypoint}`);
    // The bundler names its output by file name alone: two entry files of one name would overwrite each other.
    const output = path.parse(entry).name;
    if (outputs.has(output) && outputs.get(output) !== entry) {
      add('config.entrypoint', `another component's entry file is also called ${output}`);
    }
    outputs.set(output, entry);
    if (view.type === 'card') checkCard(project, view, add);
  }
}

function checkCard(project, { config, file }, add) {
  const { requiredScopes, optionalScopes = [] } = project.app.config.auth;
  const granted = new Set([...requiredScopes, ...optionalScopes]);
  const types = config.objectTypes.map(singular);
  for (const type of types) {
    const scopes = READ_SCOPES[type] ?? ['crm.objects.custom.read'];
    if (!scopes.some((scope) => granted.has(scope)))
      add('config.objectTypes', `${type} needs the scope ${scopes[0]}`);
  }
  if (new Set(types).size !== types.length) add('config.objectTypes', 'names one type twice');
  if (config.location === 'helpdesk.sidebar' && !types.includes('ticket')) {
    add('config.objectTypes', 'helpdesk.sidebar needs tickets');
  }
  if (config.previewImage)
    checkPreview(path.join(project.sourceFolder, path.dirname(file)), config.previewImage, add);
}

function checkPreview(folder, { file }, add) {
  const image = path.join(folder, file);
  if (!fs.existsSync(image)) add('config.previewImage.file', `there is no file ${file}`);
  else if (fs.statSync(image).size > MAX_PREVIEW_BYTES)
    add('config.previewImage.file', 'is larger than 5 MB');
}

// The page data API of the HubSpot simulator. Every function throws ApiError when the answer is not 2xx.

import type { CrmProperties, FetchAnswer, FetchRequest } from './protocol';

export type Language = 'fr' | 'en';

export interface Session {
  portal: { id: number; name: string; timezone: string; language: string };
  user: {
    id: number;
    email: string;
    first_name: string;
    last_name: string;
    language: Language;
    locale: string;
    teams: { id: number; name: string; teammates?: number[] }[];
    permissions: string[];
  };
  app: { id: number; name: string; installed: boolean; install_url: string; settings_path: string };
  /** The accounts and the people of this one, to choose from. */
  portals: { id: number; name: string }[];
  users: { id: number; name: string }[];
  gateway: { url: string; token: string; handsets_url: string };
  /** Local stand-ins of https origins, for iframes: `https://connector.example` -> `http://127.0.0.1:4802`. */
  origins?: Record<string, string>;
}

export interface PropertyDefinition {
  name: string;
  label: string;
  type: string;
  fieldType: string;
  groupName: string;
  options: { label: string; value: string }[];
}

export interface AppEventEntry {
  kind: 'app_event';
  id: string;
  event_type: string;
  name: string;
  timestamp: string;
  header_template: string;
  detail_template: string | null;
  properties: Record<string, string>;
  extra_data: Record<string, unknown> | null;
  timeline_iframe: {
    linkLabel: string;
    headerLabel: string;
    url: string;
    width: number;
    height: number;
  } | null;
}

export interface CreatedEntry {
  kind: 'created';
  timestamp: string;
}

/** A logged communication. HubSpot has no field for its direction: the body says it. `body`: HTML. */
export interface CommunicationEntry {
  kind: 'communication';
  id: string;
  channel: string;
  timestamp: string;
  body: string;
  owner: string | null;
}

export type TimelineEntry = AppEventEntry | CommunicationEntry | CreatedEntry;

/** The associated records of one type, in the order of association. `primary`: the main company. */
export interface Association {
  object_type_id: string;
  records: (RecordRow & { primary: boolean })[];
}

export interface CrmRecord {
  id: string;
  object_type_id: string;
  /** Grows with every change of properties or timeline. */
  version: number;
  properties: CrmProperties;
  definitions: PropertyDefinition[];
  groups: { name: string; label: string }[];
  associations: Association[];
  timeline: TimelineEntry[];
}

export interface RecordRow {
  id: string;
  properties: CrmProperties;
}

export interface RecordList {
  results: RecordRow[];
  /** The total number. */
  total: number;
  definitions: PropertyDefinition[];
}

export interface Extension {
  uid: string;
  type: 'card' | 'settings' | 'page';
  name: string;
  location: string;
  object_types: string[];
  bundle_url: string;
  variables: Record<string, string | number | boolean>;
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`/sandbox-api/${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...portalOf(window.location.pathname),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok)
    throw new ApiError(response.status, messageOf(text) ?? `${method} ${path}: ${response.status}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** HubSpot's addresses name the portal in their second part. */
function portalOf(path: string): Record<string, string> {
  const [, id] = path.split('/').filter(Boolean);
  return id !== undefined && /^\d+$/.test(id) ? { 'x-sandbox-portal': id } : {};
}

/** The simulator's errors have HubSpot's form: {"status":"error","message":...}. */
function messageOf(text: string): string | null {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === 'string' ? message : null;
  } catch {
    return null;
  }
}

export const readSession = (): Promise<Session> => call('GET', 'session');

export const setLanguage = (language: Language): Promise<unknown> => call('POST', 'session', { language });

export async function readExtensions(): Promise<Extension[]> {
  return (await call<{ extensions: Extension[] }>('GET', 'extensions')).extensions;
}

export function readRecords(typeId: string, query: string): Promise<RecordList> {
  const search = new URLSearchParams({ q: query, limit: '100' });
  return call('GET', `records/${typeId}?${search}`);
}

export const readRecord = (typeId: string, id: string): Promise<CrmRecord> =>
  call('GET', `records/${typeId}/${id}`);

export function patchRecord(
  typeId: string,
  id: string,
  properties: Record<string, string>,
): Promise<unknown> {
  return call('PATCH', `records/${typeId}/${id}`, { properties });
}

export async function readCrmProperties(typeId: string, id: string, names: string[]): Promise<CrmProperties> {
  const body = { object_type_id: typeId, object_id: id, names };
  return (await call<{ data: CrmProperties }>('POST', 'crm-properties', body)).data;
}

/** `hubspot.fetch`: the simulator checks, signs and forwards the request. */
export function hubspotFetch(extensionUid: string, request: FetchRequest): Promise<FetchAnswer> {
  const { url, method, timeout, headers, body } = request;
  const message = {
    extension_uid: extensionUid,
    url,
    method,
    timeout_ms: timeout,
    headers,
    body: body ?? null,
  };
  return call('POST', 'hubspot-fetch', message);
}

// The workflows part of the HubSpot simulator's page data API.

import { call, type Language } from './api';

export interface ActionLabels {
  actionName: string;
  actionDescription?: string;
  actionCardContent?: string;
  appDisplayName?: string;
  inputFieldLabels: Record<string, string>;
  inputFieldDescriptions?: Record<string, string>;
  inputFieldOptionLabels?: Record<string, Record<string, string>>;
  outputFieldLabels?: Record<string, string>;
}

export interface InputField {
  name: string;
  /** string, number, bool, enumeration ... (HubSpot docs, custom actions). */
  type: string;
  fieldType?: string;
  required: boolean;
  value_types: ('STATIC_VALUE' | 'OBJECT_PROPERTY')[];
  options?: { value: string; label: string }[];
  /** The app lists the options when the field is edited. */
  live_options: boolean;
}

export interface ActionDefinition {
  uid: string;
  object_type_ids: string[];
  labels: Record<Language, ActionLabels>;
  input_fields: InputField[];
  dependencies: { controllingFieldName: string; dependentFieldNames: string[] }[];
}

export type InputValue =
  | { type: 'STATIC_VALUE'; value: string }
  | { type: 'OBJECT_PROPERTY'; property: string };

export type Inputs = Record<string, InputValue>;

export interface Draft {
  name: string;
  object_type_id: string;
  action_uid: string;
  inputs: Inputs;
}

export interface Workflow extends Draft {
  id: string;
}

export interface PropertyName {
  name: string;
  labels: Record<Language, string>;
  type: string;
  field_type: string;
}

/** The properties that a token or a property input may name; a token is `{{contact.firstname}}`. */
export interface PropertyNames {
  token_prefix: string;
  properties: PropertyName[];
}

export interface LiveOption {
  label: string;
  value: string;
  description?: string;
}

export interface OptionPage {
  options: LiveOption[];
  after?: string | null;
  searchable?: boolean;
}

/** Numbers of one enrolment of many records. */
export interface Run {
  run_id: string;
  started_at: string;
  finished_at: string | null;
  enrolled: number;
  /** Calls made, repeats included. */
  sent: number;
  waiting: number;
  in_flight: number;
  retrying: number;
  blocked: number;
  succeeded: number;
  failed: number;
  error: number;
  expired: number;
  /** By callback. */
  completed: number;
  retries: number;
  duplicates: number;
}

export interface Runs {
  runs: Run[];
  /** The factor by which waits between retries are shorter than HubSpot's. */
  retry_compression: number;
}

/** The app's calls since `since`: HubSpot by family, SMSFactor by endpoint (null: it does not answer). */
export interface ApiCalls {
  since: string;
  total: number;
  families: Record<string, { calls: number; statuses: Record<string, number> }>;
  too_many: { total: number };
  gateway: { total: number; endpoints: Record<string, number> } | null;
}

export interface HistoryRow {
  n: number;
  at: string;
  record: { id: string; name: string; url: string };
  state: 'retrying' | 'blocked' | 'succeeded' | 'failed' | 'error' | 'expired';
  sentence: Record<Language, string> | null;
  /** The parts of the answer that HubSpot could not use. */
  problems: Record<Language, string>[];
}

export interface History {
  results: HistoryRow[];
  after: string | null;
  total: number;
}

export async function readActions(): Promise<ActionDefinition[]> {
  return (await call<{ actions: ActionDefinition[] }>('GET', 'workflow-actions')).actions;
}

export async function readWorkflows(): Promise<Workflow[]> {
  return (await call<{ workflows: Workflow[] }>('GET', 'workflows')).workflows;
}

export const readWorkflow = (id: string): Promise<Workflow> => call('GET', `workflows/${id}`);

export const saveWorkflow = (id: string | null, draft: Draft): Promise<Workflow> =>
  id === null ? call('POST', 'workflows', draft) : call('PUT', `workflows/${id}`, draft);

export const readPropertyNames = (typeId: string): Promise<PropertyNames> =>
  call('GET', `workflow-properties/${typeId}`);

/** The app's current options for a field; HubSpot passes the values of the fields it depends on. */
export function readOptions(
  draft: Draft,
  field: string,
  q: string,
  after: string | null,
): Promise<OptionPage> {
  const { action_uid, inputs, object_type_id } = draft;
  return call('POST', 'workflow-options', {
    action_uid,
    object_type_id,
    inputs,
    field,
    q,
    ...(after === null ? {} : { after }),
  });
}

export const enrolRecords = (id: string, recordIds: string[]): Promise<{ run_id: string }> =>
  call('POST', `workflows/${id}/enrol`, { record_ids: recordIds });

export const enrolGenerated = (id: string, count: number): Promise<{ run_id: string }> =>
  call('POST', `workflows/${id}/enrol`, { generate: count });

export const readRuns = (id: string): Promise<Runs> => call('GET', `workflows/${id}/runs`);

export const readHistory = (id: string, after: string | null): Promise<History> =>
  call('GET', `workflows/${id}/history?${new URLSearchParams({ limit: '25', ...(after ? { after } : {}) })}`);

export const readApiCalls = (): Promise<ApiCalls> => call('GET', 'api-calls');

/** Resets the counts and returns the new ones. */
export const resetApiCalls = (): Promise<ApiCalls> => call('POST', 'api-calls/reset');

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
  field_type: string;
  required: boolean;
  value_types: ('STATIC_VALUE' | 'OBJECT_PROPERTY')[];
  options: { value: string; label: string }[] | null;
  has_options_url: boolean;
}

export interface ActionDefinition {
  uid: string;
  object_types: string[];
  labels: Record<Language, ActionLabels>;
  input_fields: InputField[];
  input_field_dependencies: { controllingFieldName: string; dependentFieldNames: string[] }[];
  output_fields: { name: string; type: string; options: { value: string; label: string }[] | null }[];
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
  enrolled: number;
}

export interface PropertyName {
  name: string;
  label: string;
  type: string;
  fieldType: string;
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
  at: string;
  enrolled: number;
  sent: number;
  answered: Partial<Record<'SUCCESS' | 'FAIL_CONTINUE' | 'BLOCK', number>>;
  failed: number;
  retries: number;
  duplicates: number;
  blocked: number;
  completed: number;
  expired: number;
  finished: boolean;
  seconds: number;
}

export interface Runs {
  runs: Run[];
  time_compression: { factor: number };
}

export interface HistoryRow {
  callback_id: string;
  at: string;
  record: { id: string; name: string; url: string };
  state: 'waiting' | 'running' | 'blocked' | 'success' | 'failed';
  sentence: Record<Language, string> | null;
  outputs: Record<string, string>;
  attempts: number;
}

export interface History {
  results: HistoryRow[];
  next: string | null;
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

export async function readPropertyNames(typeId: string): Promise<PropertyName[]> {
  return (await call<{ properties: PropertyName[] }>('GET', `properties/${typeId}`)).properties;
}

/** What the app offers for a field right now; HubSpot passes the values of the fields it depends on. */
export function readOptions(
  draft: Draft,
  field: string,
  q: string,
  after: string | null,
): Promise<OptionPage> {
  const { action_uid, inputs, object_type_id } = draft;
  return call('POST', 'workflow-options', { action_uid, object_type_id, inputs, field, q, after });
}

export const enrolRecords = (id: string, recordIds: string[]): Promise<{ run_id: string }> =>
  call('POST', `workflows/${id}/enrol`, { record_ids: recordIds });

export const enrolGenerated = (id: string, count: number): Promise<{ run_id: string }> =>
  call('POST', `workflows/${id}/enrol`, { generate: count });

export const readRuns = (id: string): Promise<Runs> => call('GET', `workflows/${id}/runs`);

export const readHistory = (id: string, after: string | null): Promise<History> =>
  call('GET', `workflows/${id}/history?${new URLSearchParams({ limit: '25', ...(after ? { after } : {}) })}`);

/** The backend's calls by name, and the hook that gives them to components. */
import { useExtensionContext } from '@hubspot/ui-extensions';
import { createContext, useContext, useMemo } from 'react';
import { createRequest, type Request } from './client';
import * as drafts from './draft-schemas';
import * as schemas from './schemas';
import * as templates from './template-schemas';
import type { Api, Template, TemplatesPage } from './types';

/** Before every path of the views. app-hsmeta.json permits `hubspot.fetch` only below it. */
export const VIEW_PREFIX = '/view';

/** The calls to one backend; docs/http-api.md lists the refusals of each. */
export function createApi(baseUrl: string): Api {
  const request = createRequest(baseUrl + VIEW_PREFIX);
  return {
    openCard: (record) => request(schemas.CardData, '/card/open', { ...record }),
    readMessages: async (ids) => (await request(schemas.MessagesData, '/card/messages', { ids })).messages,
    listProperties: async (object_type_id) =>
      (await request(schemas.PropertiesData, '/card/properties', { object_type_id })).properties,
    preview: (command) => request(schemas.Preview, '/card/preview', { ...command }),
    send: (command) => request(schemas.SendResult, '/card/send', { ...command }),
    cancelMessage: async (id) => (await request(schemas.MessageData, '/card/cancel', { id })).message,
    sendHeld: async (command) =>
      (await request(schemas.MessageData, '/card/send-held', { ...command })).message,
    markRead: async (record) => void (await request(schemas.Done, '/card/mark-read', { ...record })),
    readDraft: async (record) => (await request(drafts.DraftData, '/card/draft', { ...record })).draft,
    saveDraft: async (command) =>
      (await request(drafts.DraftSaved, '/card/save-draft', { ...command })).is_newest,
    recordConsent: async (command) =>
      void (await request(schemas.Done, '/card/record-consent', { ...command })),
    recordOptOut: async (command) =>
      void (await request(schemas.Done, '/card/record-opt-out', { ...command })),
    ...templateCalls(request),
    openSettings: () => request(schemas.SettingsData, '/settings/open', {}),
    linkAccount: (token) => request(schemas.SettingsData, '/settings/link-account', { token }),
    readPreferences: async () =>
      (await request(schemas.PreferencesData, '/settings/preferences', {})).preferences,
    savePreferences: async (preferences) =>
      (await request(schemas.PreferencesData, '/settings/save-preferences', { ...preferences })).preferences,
    ...outgoingCalls(request),
  };
}

type TemplateCalls = Pick<
  Api,
  'listTemplates' | 'saveTemplate' | 'updateTemplate' | 'renameTemplate' | 'deleteTemplate'
>;

function templateCalls(request: Request): TemplateCalls {
  const change = async (path: string, body: Record<string, unknown>) =>
    (await request(templates.TemplateData, path, body)).template;
  return {
    listTemplates: () => allTemplates(request),
    saveTemplate: (name, content) => change('/templates/save', { name, ...content }),
    updateTemplate: (id, version, content) => change('/templates/update', { id, version, ...content }),
    renameTemplate: (id, name) => change('/templates/rename', { id, name }),
    deleteTemplate: async (id) => void (await request(schemas.Done, '/templates/delete', { id })),
  };
}

/** Reads all pages of templates. A template renamed meanwhile may come twice: the later one counts. */
async function allTemplates(request: Request): Promise<Template[]> {
  const found = new Map<string, Template>();
  let place: Record<string, unknown> | null = {};
  while (place) {
    const page: TemplatesPage = await request(templates.TemplatesData, '/templates/list', place);
    for (const template of page.templates) found.set(template.id, template);
    place = page.next;
  }
  return [...found.values()];
}

type OutgoingCalls = Pick<Api, 'readOutgoing' | 'limitOutgoing' | 'pauseOutgoing' | 'resumeOutgoing'>;

function outgoingCalls(request: Request): OutgoingCalls {
  const ask = (call: string, body: Record<string, unknown> = {}) =>
    request(schemas.Outgoing, `/settings/${call}`, body);
  return {
    readOutgoing: () => ask('outgoing'),
    limitOutgoing: (limits) => ask('limit-outgoing', { ...limits }),
    pauseOutgoing: () => ask('pause-outgoing'),
    resumeOutgoing: () => ask('resume-outgoing'),
  };
}

/** Set by tests to answer without a backend; null in HubSpot. */
export const ApiContext = createContext<Api | null>(null);

/** The backend of this deployment, named by the profile variable BACKEND_URL. */
export function useApi(): Api {
  const given = useContext(ApiContext);
  const { variables } = useExtensionContext();
  const baseUrl = String(variables?.BACKEND_URL ?? '');
  return useMemo(() => given ?? createApi(baseUrl), [given, baseUrl]);
}

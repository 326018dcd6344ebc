/** The backend's calls by name, and the way components get hold of them. */
import { useExtensionContext } from '@hubspot/ui-extensions';
import { createContext, useContext, useMemo } from 'react';
import { createRequest } from './client';
import * as schemas from './schemas';
import type { Api } from './types';

/** The calls against one backend; see docs/http-api.md for what each one refuses. */
export function createApi(baseUrl: string): Api {
  const request = createRequest(baseUrl);
  return {
    openCard: (record) => request(schemas.CardData, '/card/open', { ...record }),
    readMessages: async (ids) => (await request(schemas.MessagesData, '/card/messages', { ids })).messages,
    send: (command) => request(schemas.SendResult, '/card/send', { ...command }),
    openSettings: () => request(schemas.SettingsData, '/settings/open', {}),
    linkAccount: (token) => request(schemas.SettingsData, '/settings/link-account', { token }),
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

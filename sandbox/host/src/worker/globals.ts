// The globals that HubSpot's SDK reads from its worker. The SDK captures several while the bundle is evaluated, so
// they are installed before the bundle is loaded. Contract: the SDK's worker-globals declarations, version 0.17.

import * as RemoteUI from '@remote-ui/react';
import React, { useSyncExternalStore, type ReactElement } from 'react';
import { retain } from '@remote-ui/rpc';
import type { CrmProperties, ExtensionApi, HostApi, LogLevel, PageLocation } from '../protocol';
import type { Store } from './store';

/** The host's methods as the worker calls them: each returns a promise. */
export type RemoteHost = {
  [K in keyof HostApi]: (...args: Parameters<HostApi[K]>) => Promise<Awaited<ReturnType<HostApi[K]>>>;
};

export interface FullApi extends ExtensionApi {
  runServerlessFunction: () => Promise<never>;
}

export interface WorkerState {
  api: Store<FullApi | null>;
  location: Store<PageLocation>;
  /** The function given to hubspot.extend. */
  extension: ((api: FullApi) => ReactElement) | null;
}

interface FetchOptions {
  method?: string;
  timeout?: number;
  body?: Record<string, unknown>;
  headers?: Headers | Record<string, string>;
}

// Responses with these statuses must not have a body (Fetch standard).
const NO_BODY = new Set([204, 205, 304]);
const LEVELS: LogLevel[] = ['debug', 'info', 'warn', 'error'];

export function installGlobals(scope: Record<string, unknown>, host: RemoteHost, state: WorkerState): void {
  scope.__HUBSPOT_EXTENSION_WORKER__ = true;
  scope.React = React;
  scope.RemoteUI = RemoteUI;
  scope.extend_V2 = (extension: WorkerState['extension']) => {
    state.extension = extension;
  };
  scope.hsFetch = (url: string | URL, options: FetchOptions = {}) => hsFetch(host, String(url), options);
  scope.serverless = () => notSimulated(host, 'hubspot.serverless');
  scope.logger = Object.fromEntries(
    LEVELS.map((level) => [level, (data: unknown) => void host.log(level, plain(data))]),
  );
  scope.hsWorkerAPI = workerApi(host, state);
}

/** JSON only: functions in a body would otherwise travel as callable proxies. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

async function hsFetch(host: RemoteHost, url: string, options: FetchOptions): Promise<Response> {
  const headers =
    options.headers instanceof Headers ? Object.fromEntries(options.headers) : { ...options.headers };
  const answer = await host.fetch({
    url,
    method: options.method ?? 'GET',
    timeout: options.timeout,
    headers,
    body: plain(options.body),
  });
  const body = NO_BODY.has(answer.status) ? null : answer.body;
  return new Response(body, { status: answer.status, headers: answer.headers });
}

async function notSimulated(host: RemoteHost, what: string): Promise<never> {
  const message = `${what} is not simulated by the sandbox`;
  await host.report({ kind: 'not-simulated', message });
  throw new Error(message);
}

function workerApi(host: RemoteHost, state: WorkerState): Record<string, unknown> {
  const useApi = (): FullApi => {
    const api = useSyncExternalStore(state.api.subscribe, state.api.get);
    if (!api) throw new Error('An extension hook was called outside an extension');
    return api;
  };
  return {
    useExtensionContext: () => useApi().context,
    useExtensionActions: () => useApi().actions,
    useExtensionApi: () => useApi(),
    useAppPageLocation: () => useSyncExternalStore(state.location.subscribe, state.location.get),
    fetchCrmProperties: (names: string[], onUpdate: (properties: CrmProperties) => void) =>
      fetchCrmProperties(host, names, onUpdate),
    fetchAssociations: () => notSimulated(host, 'useAssociations'),
    fetchCrmSearch: () => notSimulated(host, 'useCrmSearch'),
    formatCrmProperties: () => notSimulated(host, 'formatCrmProperties'),
    fetchHubSpotApi: () => notSimulated(host, 'fetchHubSpotApi'),
  };
}

let subscriptions = 0;

/** The SDK expects something with `json()`; `cleanup` is a function, so this is no real HTTP response. */
async function fetchCrmProperties(
  host: RemoteHost,
  names: string[],
  onUpdate: (properties: CrmProperties) => void,
): Promise<{ json: () => Promise<unknown> }> {
  subscriptions += 1;
  const id = `properties-${subscriptions}`;
  const data = await host.startCrmProperties({ id, names }, onUpdate);
  const cleanup = (): void => void host.stopCrmProperties(id);
  return { json: async () => ({ data, cleanup }) };
}

/** The page's functions in `api` are used until the extension ends. */
export function keepApi(api: ExtensionApi): FullApi {
  retain(api);
  const runServerlessFunction = (): Promise<never> =>
    Promise.reject(new Error('Serverless functions are not simulated by the sandbox'));
  return { ...api, runServerlessFunction };
}

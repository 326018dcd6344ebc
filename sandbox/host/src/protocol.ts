// The calls between page and worker. The names are ours: the extension's bundle never sees them.

import type { RemoteChannel } from '@remote-ui/core';

/** A problem to show to the developer; with `component` and `prop` where they are known. */
export interface ProblemReport {
  kind:
    | 'unknown-component'
    | 'unknown-prop'
    | 'unknown-value'
    | 'unclonable'
    | 'load-failed'
    | 'render-failed'
    | 'worker-error'
    | 'handler-rejected'
    | 'not-simulated'
    | 'not-permitted';
  message: string;
}

/** `hubspot.fetch` as it leaves the worker; `body` is already plain JSON. */
export interface FetchRequest {
  url: string;
  method: string;
  timeout: number | undefined;
  headers: Record<string, string>;
  body: unknown;
}

export interface FetchAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export type CrmProperties = Record<string, string | null>;

export interface CrmPropertiesRequest {
  /** Chosen by the worker; names the subscription in `stopCrmProperties`. */
  id: string;
  names: string[];
}

export interface HostApi {
  fetch(request: FetchRequest): Promise<FetchAnswer>;
  startCrmProperties(
    request: CrmPropertiesRequest,
    onUpdate: (properties: CrmProperties) => void,
  ): Promise<CrmProperties>;
  stopCrmProperties(id: string): void;
  report(problem: ProblemReport): void;
  log(level: LogLevel, data: unknown): void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export const HOST_METHODS = ['fetch', 'startCrmProperties', 'stopCrmProperties', 'report', 'log'] as const;

export type ExtensionContext = Record<string, unknown>;
export type ExtensionActions = Record<string, (...args: never[]) => unknown>;

export interface ExtensionApi {
  context: ExtensionContext;
  actions: ExtensionActions;
}

/** The location of an app page, for the SDK's page router. */
export interface PageLocation {
  path: string;
  params: Record<string, string>;
}

export interface WorkerApi {
  load(url: string): Promise<void>;
  render(channel: RemoteChannel, api: ExtensionApi, location: PageLocation): Promise<void>;
  setContext(context: ExtensionContext): void;
  setPageLocation(location: PageLocation): void;
}

export const WORKER_METHODS = ['load', 'render', 'setContext', 'setPageLocation'] as const;

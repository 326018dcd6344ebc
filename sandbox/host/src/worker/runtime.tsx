// Runs one unmodified UI extension bundle in a classic worker: bundles need sloppy-mode `this` and importScripts.

import { createRemoteRoot, type RemoteChannel } from '@remote-ui/core';
import { createRoot } from '@remote-ui/react';
import { createEndpoint, retain } from '@remote-ui/rpc';
import { Component, createElement, type ReactElement, type ReactNode } from 'react';
import { setWorkerPace } from '../pace';
import { HOST_METHODS, type PageLocation, type ProblemReport, type WorkerApi } from '../protocol';
import { removeForbiddenGlobals } from './forbidden';
import { installGlobals, keepApi, type FullApi, type RemoteHost, type WorkerState } from './globals';
import { Store } from './store';
import { describeUnclonable } from './unclonable';

// Bound before the forbidden globals are removed.
const scope = self as unknown as Record<string, unknown>;
const nativePost = self.postMessage.bind(self) as (message: unknown, transfer: Transferable[]) => void;
const nativeListen = self.addEventListener.bind(self);
const nativeUnlisten = self.removeEventListener.bind(self);
const nativeImport = (self as unknown as { importScripts(url: string): void }).importScripts.bind(self);

// Message types of remote-ui's rpc that answer a call; their second argument is the error, if any.
const ANSWERS = new Set([1, 6]);

/** Errors already sent to the page as the answer to its call. The rpc throws them again, with no catcher. */
const answered = new Set<string>();

function rememberAnswer(message: unknown): void {
  const [type, args] = message as [number, [string, { stack?: string } | undefined] | undefined];
  const stack = ANSWERS.has(type) ? args?.[1]?.stack : undefined;
  if (stack) answered.add(stack);
}

const endpoint = createEndpoint<RemoteHost>(
  {
    postMessage(message: unknown, transfer?: Transferable[]) {
      rememberAnswer(message);
      try {
        nativePost(message, transfer ?? []);
      } catch (error) {
        report(
          'unclonable',
          `HubSpot cannot send ${describeUnclonable(message)}: only plain data and functions pass`,
        );
        throw error;
      }
    },
    addEventListener: nativeListen as never,
    removeEventListener: nativeUnlisten as never,
  },
  { callable: [...HOST_METHODS] },
);
const host = endpoint.call as unknown as RemoteHost;

const state: WorkerState = {
  api: new Store<FullApi | null>(null),
  location: new Store<PageLocation>({ path: '/', params: {} }),
  extension: null,
};

function report(kind: ProblemReport['kind'], message: string): void {
  void host.report({ kind, message });
}

/** React 18 rejects an element of another React as an object that it cannot draw (its error 31). */
function textOf(error: unknown): string {
  const text = String(error);
  if (text.includes('#31') && text.includes('typeof')) {
    return 'The bundle holds elements of another React version: HubSpot runs React 18, build with react 18.3.1';
  }
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Draws HubSpot's error component in place of an extension that threw, and reports the error to the page. */
class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidCatch(error: unknown): void {
    report('render-failed', textOf(error));
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return createElement('ErrorState', { title: 'This extension stopped working' } as object);
  }
}

/** Below the boundary, because a boundary does not catch an error about its own children. */
function Extension({ element }: { element: ReactElement }): ReactElement {
  return element;
}

const api: WorkerApi = {
  async load(url) {
    nativeImport(url);
    if (!state.extension) throw new Error(`${url} never called hubspot.extend`);
  },
  async render(channel: RemoteChannel, given, location) {
    retain(channel);
    const full = keepApi(given);
    state.api.set(full);
    state.location.set(location);
    if (!state.extension) throw new Error('render was called before load');
    const root = createRemoteRoot(channel);
    const element = <Boundary>{<Extension element={state.extension(full)} />}</Boundary>;
    createRoot(root).render(element);
    await root.mount();
  },
  setContext(context) {
    const current = state.api.get();
    if (current) state.api.set({ ...current, context });
  },
  setPageLocation(location) {
    state.location.set(location);
  },
};

endpoint.expose(api as unknown as Record<string, (...args: unknown[]) => unknown>);
nativeListen('error', (event) => report('worker-error', (event as ErrorEvent).message));
nativeListen('unhandledrejection', (event) => {
  const { reason } = event as PromiseRejectionEvent;
  if (reason instanceof Error && answered.delete(reason.stack ?? '')) event.preventDefault();
  else report('worker-error', textOf(reason));
});
setWorkerPace(self, Number(new URL(self.location.href).searchParams.get('pace') ?? 1));
installGlobals(scope, host, state);
removeForbiddenGlobals(self);

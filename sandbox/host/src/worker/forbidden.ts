// Removes the globals that extensions must not use. HubSpot's lint rules name them. It is unconfirmed which of them
// HubSpot's worker really lacks, so a use fails here with advice.

// `undefined` instead of a getter that throws, because libraries test them with `typeof`.
const ABSENT = ['navigator', 'location'];

const REFUSED: Record<string, string> = {
  fetch: 'use hubspot.fetch',
  XMLHttpRequest: 'use hubspot.fetch',
  WebSocket: 'use hubspot.fetch and poll',
  EventSource: 'use hubspot.fetch and poll',
  WebTransport: 'use hubspot.fetch and poll',
  importScripts: 'import the module at build time',
  addEventListener: 'use the components’ handlers',
  removeEventListener: 'use the components’ handlers',
  postMessage: 'use the actions',
  indexedDB: 'keep state in the backend',
  caches: 'keep state in the backend',
  Worker: 'extensions already run in a worker',
  SharedWorker: 'extensions already run in a worker',
  BroadcastChannel: 'keep state in the backend',
  Notification: 'use actions.addAlert',
};

/** Call after every native function the host needs has been bound. */
export function removeForbiddenGlobals(scope: object): void {
  for (const name of ABSENT) {
    Object.defineProperty(scope, name, { value: undefined, configurable: false, writable: false });
  }
  for (const [name, advice] of Object.entries(REFUSED)) {
    Object.defineProperty(scope, name, {
      configurable: false,
      get(): never {
        throw new Error(`${name} is not available in a UI extension: ${advice}`);
      },
    });
  }
}

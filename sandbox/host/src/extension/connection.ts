// One extension: its worker, the channel to it, and the remote tree it draws.

import { createRemoteReceiver, type RemoteReceiver } from '@remote-ui/core';
import { createEndpoint, fromWebWorker } from '@remote-ui/rpc';
import { pace } from '../pace';
import {
  WORKER_METHODS,
  type ExtensionApi,
  type ExtensionContext,
  type HostApi,
  type PageLocation,
  type ProblemReport,
  type WorkerApi,
} from '../protocol';

// Absolute, because the page's own path is not below /host.
const RUNTIME_URL = '/host/worker-runtime.js';

export interface ConnectionOptions {
  bundleUrl: string;
  api: ExtensionApi;
  host: HostApi;
  location: PageLocation;
  onProblem(problem: ProblemReport): void;
}

export class ExtensionConnection {
  readonly receiver: RemoteReceiver = createRemoteReceiver();
  readonly #worker: Worker;
  readonly #endpoint;
  readonly #options: ConnectionOptions;
  #stopped = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#worker = new Worker(`${RUNTIME_URL}?pace=${pace()}`);
    this.#worker.addEventListener('error', (event) => {
      options.onProblem({
        kind: 'worker-error',
        message: event.message || 'The worker did not start',
      });
    });
    this.#endpoint = createEndpoint<WorkerApi>(fromWebWorker(this.#worker), {
      callable: [...WORKER_METHODS],
    });
    this.#endpoint.expose(options.host as never);
  }

  /** Loads the bundle and draws its first tree. Returns whether it succeeded; failures are reported as problems. */
  async start(): Promise<boolean> {
    const { bundleUrl, api, location, onProblem } = this.#options;
    const call = this.#endpoint.call as unknown as WorkerApi;
    try {
      await call.load(bundleUrl);
      await call.render(this.receiver.receive, api, location);
      await this.receiver.flush();
      return !this.#stopped && this.receiver.state === 'mounted';
    } catch (error) {
      if (!this.#stopped) onProblem({ kind: 'load-failed', message: (error as Error).message });
      return false;
    }
  }

  setContext(context: ExtensionContext): void {
    void (this.#endpoint.call as unknown as WorkerApi).setContext(context);
  }

  setPageLocation(location: PageLocation): void {
    void (this.#endpoint.call as unknown as WorkerApi).setPageLocation(location);
  }

  stop(): void {
    this.#stopped = true;
    this.#worker.terminate();
  }
}

// The record of a card: the page polls it, cards read its properties and receive changes.

import { readCrmProperties, readRecord, type CrmRecord } from '../api';
import { paced } from '../pace';
import type { CrmProperties } from '../protocol';

const POLL_MS = 2000;

export class RecordFeed {
  #record: CrmRecord;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(first: CrmRecord) {
    this.#record = first;
  }

  readonly get = (): CrmRecord => this.#record;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Polls until the returned function is called. A failed poll is retried at the next interval. */
  start(): () => void {
    let stopped = false;
    const turn = async (): Promise<void> => {
      if (!document.hidden) await this.refresh().catch(() => undefined);
      if (!stopped) this.#timer = setTimeout(() => void turn(), paced(POLL_MS));
    };
    this.#timer = setTimeout(() => void turn(), paced(POLL_MS));
    return () => {
      stopped = true;
      clearTimeout(this.#timer);
    };
  }

  /** Reads the record now; listeners are called only when its version has changed. */
  async refresh(): Promise<void> {
    const { object_type_id: typeId, id, version } = this.#record;
    const fresh = await readRecord(typeId, id);
    if (fresh.version === version) return;
    this.#record = fresh;
    this.#listeners.forEach((listener) => listener());
  }

  readProperties(names: string[]): Promise<CrmProperties> {
    return readCrmProperties(this.#record.object_type_id, this.#record.id, names);
  }

  /** Calls `onUpdate` with all of `names` ('*': every property) whenever one of them has changed. */
  watch(names: string[] | '*', onUpdate: (properties: CrmProperties) => void): () => void {
    let known = JSON.stringify(this.#pick(names));
    return this.subscribe(() => {
      const picked = this.#pick(names);
      const now = JSON.stringify(picked);
      if (now === known) return;
      known = now;
      onUpdate(picked);
    });
  }

  #pick(names: string[] | '*'): CrmProperties {
    const { properties } = this.#record;
    if (names === '*') return properties;
    return Object.fromEntries(names.map((name) => [name, properties[name] ?? null]));
  }
}

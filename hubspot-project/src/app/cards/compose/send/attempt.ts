/**
 * Chooses the idempotency key of a message.
 *
 * The same content keeps its key until it has been sent, so a double click, a retry by HubSpot and a retry by the user
 * are one SMS. Other content, or the same content after a success, is another SMS and gets a new key.
 */
import type { SendCommand } from '@connector/api';

export type Content = Omit<SendCommand, 'idempotency_key' | 'may_repeat'>;

export interface Attempt {
  key: string;
  /** The content that the key stands for. */
  content: string;
}

/** The attempt for sending `content`, given the last one that has not succeeded. */
export function attemptFor(last: Attempt | null, content: Content): Attempt {
  const fingerprint = JSON.stringify(Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1)));
  return last?.content === fingerprint ? last : { key: newKey(), content: fingerprint };
}

/** A random UUID, version 4. HubSpot does not document which parts of `crypto` its worker offers. */
function newKey(): string {
  if (typeof crypto !== 'undefined' && 'randomUUID' in crypto) return crypto.randomUUID();
  const digit = (mark: string) => {
    const random = Math.floor(Math.random() * 16);
    return (mark === 'y' ? (random % 4) + 8 : random).toString(16);
  };
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, digit);
}

/** How each status of a message looks, and what the card may still say about it. */
import type { Message, MessageStatus } from '@connector/api';

export type Tone = 'default' | 'info' | 'success' | 'warning' | 'danger';

/** Waiting is blue or grey, doubt is amber, a message that did not arrive is red. Moderation is no error: blue. */
export const STATUS_TONES: Record<MessageStatus, Tone> = {
  resolving: 'default',
  scheduled: 'info',
  queued: 'info',
  sending: 'info',
  accepted: 'info',
  moderated: 'info',
  delivered: 'success',
  undelivered: 'danger',
  expired: 'danger',
  refused: 'danger',
  unknown: 'warning',
  unresolved: 'warning',
  cancelled: 'default',
  blocked: 'danger',
  too_late: 'danger',
  other: 'default',
};

/** Statuses with which a message surely never left. */
const NEVER_LEFT: ReadonlySet<MessageStatus> = new Set(['refused', 'blocked', 'cancelled', 'too_late']);

export function neverLeft(message: Message): boolean {
  return NEVER_LEFT.has(message.status);
}

/** Statuses that everyone understands from the tag alone. */
const SELF_EVIDENT: ReadonlySet<MessageStatus> = new Set([
  'delivered',
  'queued',
  'sending',
  'accepted',
  'scheduled',
]);

/** Whether a message needs a sentence under its text: its status is not self-evident, or has a reason. */
export function needsExplanation(message: Message): boolean {
  return Boolean(message.reason) || !SELF_EVIDENT.has(message.status);
}

/** The look of each message status, and the claims that the card may make about it. */
import type { Message, MessageStatus } from '@connector/api';
import type { TextKey } from '@connector/i18n';

export type Tone = 'default' | 'info' | 'success' | 'warning' | 'danger';

/** Waiting is blue or grey, doubt is amber, a message that did not arrive is red. Moderation is no error: blue. */
export const STATUS_TONES: Record<MessageStatus, Tone> = {
  resolving: 'default',
  scheduled: 'info',
  held: 'warning',
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

/** The claim in a message's title. « SMS envoyé » needs proof: a report or a receipt. */
const TITLES: Record<MessageStatus, TextKey> = {
  resolving: 'message.waiting',
  scheduled: 'message.scheduled',
  held: 'message.waiting',
  queued: 'message.waiting',
  sending: 'message.sending',
  accepted: 'message.sent',
  moderated: 'message.waiting',
  delivered: 'message.sent',
  undelivered: 'message.sent',
  expired: 'message.sent',
  refused: 'message.not_sent',
  unknown: 'message.maybe_sent',
  unresolved: 'message.maybe_sent',
  cancelled: 'message.not_sent',
  blocked: 'message.not_sent',
  too_late: 'message.not_sent',
  other: 'message.other',
};

/** SMSFactor accepted a part of a shared call. It is unknown so far whether this message is in it. */
const MEMBERSHIP_PENDING = 'membership_pending';

export function messageTitle({ status, reason }: Message): TextKey {
  return status === 'accepted' && reason === MEMBERSHIP_PENDING ? 'message.maybe_sent' : TITLES[status];
}

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

/** Reviews a draft: its recipient, time and length, and whether it may be sent. */
import type { CardData, MessageCommand, RecordRef, TemplateContent } from '@connector/api';
import {
  addsStopMention,
  cleanText,
  countedText,
  countSegments,
  fitText,
  joinWallClock,
  specialUnits,
  tokenNames,
  toWire,
  wallClock,
  withoutTokens,
  withStopPlaced,
  type Fit,
  type MarkOf,
  type Segments,
  type WireText,
} from '@connector/sms-ui';
import type { Draft } from './draft';
import {
  consentOf,
  currentRecipient,
  usableNumbers,
  type Consent,
  type RecipientState,
  type UsableNumber,
} from './recipients';

/** The obstacle to sending a draft; the key of a sentence under `compose.blocked`. */
export type Block =
  | 'recipient'
  | 'consent'
  | 'text_empty'
  | 'not_gsm7'
  | 'too_long'
  | 'sender'
  | 'schedule_missing'
  | 'schedule_past';

export interface Review {
  recipients: UsableNumber[];
  recipient: UsableNumber | null;
  recipientState: RecipientState;
  consent: Consent;
  sender: string | null;
  senderValid: boolean;
  /** The text and its links as sent. */
  wire: WireText;
  /** The count of the text as the view knows it: tokens count as empty until the backend inserts values. */
  segments: Segments;
  /** Units that the STOP mention takes, part of `segments`. */
  stopUnits: number;
  /** Properties that the text uses. */
  tokens: string[];
  specialCharacters: string[];
  /** The text as it would leave, or the special characters that the writer must decide about. */
  fit: Fit;
  /** `YYYY-MM-DDTHH:MM` in the portal's time zone; null: now, or not chosen yet. */
  sendAt: string | null;
  /** The first obstacle, in the order of the form; null when the draft may be sent. */
  block: Block | null;
}

/** 3 to 11 letters or digits, at least one letter: the backend's rule, checked here to avoid a wait. */
export function isValidSender(sender: string): boolean {
  return /^(?=.*[A-Za-z])[A-Za-z0-9]{3,11}$/.test(sender);
}

export function reviewDraft(draft: Draft, data: CardData, markOf: MarkOf, now: Date): Review {
  const recipients = usableNumbers(data.numbers);
  const chosen = currentRecipient(draft.recipient, recipients);
  const sender = draft.customSender ? draft.sender.trim() : null;
  const wire = toWire(draft, markOf);
  const fit = fitDraft(draft, sender, data, markOf);
  const review = {
    recipients,
    ...chosen,
    consent: consentOf(chosen.recipient, draft.pushType, data.alert_rule),
    sender,
    senderValid: sender === null || isValidSender(sender),
    wire,
    segments: countSegments(draft.text && countedText(fit.text, draft.pushType, sender, data)),
    stopUnits: draft.text && addsStopMention(draft.pushType, sender) ? data.stop_mention_units : 0,
    tokens: tokenNames(draft.text),
    specialCharacters: specialUnits(cleanText(draft.text)),
    fit,
    sendAt: draft.schedule && joinWallClock(draft.schedule.date, draft.schedule.time),
  };
  return { ...review, block: findBlock(draft, review, data, now) };
}

/** The text that would leave, as far as the view knows it: tokens count as empty until the backend inserts values. */
export function fitDraft(draft: Draft, sender: string | null, data: CardData, markOf: MarkOf): Fit {
  const words = cleanText(withoutTokens(cleanText(toWire(draft, markOf).text)));
  const placed = withStopPlaced(words, draft.pushType, sender);
  if (draft.unicode) return { kind: 'as_written', text: placed };
  return fitText(placed, (text) => countSegments(countedText(text, draft.pushType, sender, data)).parts);
}

function findBlock(draft: Draft, review: Omit<Review, 'block'>, data: CardData, now: Date): Block | null {
  if (!review.recipient) return 'recipient';
  if (review.consent === 'marketing_blocked' || review.consent === 'alert_blocked') return 'consent';
  if (!draft.text.trim()) return 'text_empty';
  if (review.fit.kind === 'dearer') return 'not_gsm7';
  if (review.segments.parts > data.max_parts) return 'too_long';
  if (!review.senderValid) return 'sender';
  if (!draft.schedule) return null;
  if (!review.sendAt) return 'schedule_missing';
  return review.sendAt < wallClock(now, data.time_zone) ? 'schedule_past' : null;
}

/** The message for the backend's preview and send; null while it may not be sent. */
export function toCommand(record: RecordRef, draft: Draft, review: Review): MessageCommand | null {
  const { recipient, wire } = review;
  if (!recipient || review.block) return null;
  return {
    ...record,
    property: recipient.property,
    number_object_type_id: recipient.object_type_id,
    number_object_id: recipient.object_id,
    recipient: recipient.recipient,
    push_type: draft.pushType,
    sender: review.sender,
    unicode: draft.unicode,
    removes_special: draft.removesSpecial,
    text: wire.text,
    links: wire.links,
    send_at: review.sendAt,
  };
}

/** The parts of a draft that a template stores. */
export function toTemplate(draft: Draft, review: Review): TemplateContent {
  return {
    text: review.wire.text,
    links: review.wire.links,
    push_type: draft.pushType,
    // An unfinished sender name counts as no name.
    sender: review.sender || null,
    unicode: draft.unicode,
  };
}

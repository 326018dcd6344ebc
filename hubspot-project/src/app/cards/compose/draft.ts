/** The message being written, and what it amounts to: who gets it, how long it is, whether it may be sent. */
import type { CardData, PhoneNumber, PushType } from '@connector/api';
import {
  addsStopMention,
  countedText,
  countSegments,
  MAX_PARTS,
  notGsm7,
  STOP_MENTION_UNITS,
  type Segments,
} from '@connector/sms-ui';

export interface Recipient {
  property: string;
  /** E.164. */
  number: string;
}

export interface Draft {
  pushType: PushType;
  /** The number as it was when the user saw it; null until the composer has been opened. */
  recipient: Recipient | null;
  customSender: boolean;
  sender: string;
  /** Whether characters outside GSM-7 are permitted. */
  unicode: boolean;
  text: string;
}

/** What keeps a draft from being sent; the key of a sentence under `compose.blocked`. */
export type Block = 'recipient' | 'sender' | 'text_empty' | 'not_gsm7' | 'too_long';

export interface Review {
  recipients: Recipient[];
  recipient: Recipient | null;
  /** `gone`: the chosen property holds no usable number any more. `changed`: it holds another one. */
  recipientState: 'as_chosen' | 'gone' | 'changed';
  sender: string | null;
  senderValid: boolean;
  segments: Segments;
  /** Units that the STOP mention takes, part of `segments`. */
  stopUnits: number;
  specialCharacters: string[];
  /** The first thing to mend, in the order of the form; null when the draft may be sent. */
  block: Block | null;
}

/** A draft nobody has touched yet. */
export function emptyDraft(defaults: CardData['defaults']): Draft {
  return {
    pushType: defaults.push_type,
    recipient: null,
    customSender: defaults.sender !== null,
    sender: defaults.sender ?? '',
    unicode: false,
    text: '',
  };
}

/** 3 to 11 letters or digits, at least one letter: the backend's rule, checked here so that nobody has to wait for it. */
export function isValidSender(sender: string): boolean {
  return /^(?=.*[A-Za-z])[A-Za-z0-9]{3,11}$/.test(sender);
}

export function usableNumbers(numbers: PhoneNumber[]): Recipient[] {
  return numbers.flatMap(({ property, recipient, error }) =>
    recipient && !error ? [{ property, number: recipient }] : [],
  );
}

export function reviewDraft(draft: Draft, numbers: PhoneNumber[]): Review {
  const recipients = usableNumbers(numbers);
  const sender = draft.customSender ? draft.sender.trim() : null;
  const review = {
    recipients,
    ...currentRecipient(draft.recipient, recipients),
    sender,
    senderValid: sender === null || isValidSender(sender),
    segments: countSegments(draft.text && countedText(draft.text, draft.pushType, sender)),
    stopUnits: draft.text && addsStopMention(draft.pushType, sender) ? STOP_MENTION_UNITS : 0,
    specialCharacters: notGsm7(draft.text),
  };
  return { ...review, block: findBlock(draft, review) };
}

/** A choice is kept by its property. It is never replaced silently: a number that vanished leaves none. */
function currentRecipient(chosen: Recipient | null, recipients: Recipient[]) {
  if (!chosen) return { recipient: recipients[0] ?? null, recipientState: 'as_chosen' } as const;
  const now = recipients.find(({ property }) => property === chosen.property);
  if (!now) return { recipient: null, recipientState: 'gone' } as const;
  return { recipient: now, recipientState: now.number === chosen.number ? 'as_chosen' : 'changed' } as const;
}

function findBlock(draft: Draft, review: Omit<Review, 'block'>): Block | null {
  if (!review.recipient) return 'recipient';
  if (!review.senderValid) return 'sender';
  if (!draft.text.trim()) return 'text_empty';
  if (!draft.unicode && review.specialCharacters.length) return 'not_gsm7';
  if (review.segments.parts > MAX_PARTS) return 'too_long';
  return null;
}

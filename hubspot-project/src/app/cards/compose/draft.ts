/** The message being written, as its writer has left it: nothing here is judged (see review.ts). */
import type { CardData, PushType, Template } from '@connector/api';
import { fromWire, type LinkedText, type MarkOf } from '@connector/sms-ui';
import type { BaseDate, BaseTime } from '@hubspot/ui-extensions';
import type { ChosenNumber } from './recipients';

/** On the clocks of the portal's time zone; null where nothing has been chosen yet. */
export interface Schedule {
  date: BaseDate | null;
  time: BaseTime | null;
}

/** `text` is what the field shows: each link is a mark in it. */
export interface Draft extends LinkedText {
  pushType: PushType;
  /** The number as it was when the user saw it; null until the composer has been opened. */
  recipient: ChosenNumber | null;
  customSender: boolean;
  sender: string;
  /** Whether characters outside GSM-7 are permitted. */
  unicode: boolean;
  /** Null: now. */
  schedule: Schedule | null;
  /** The template that the text was made from, changed since or not. */
  templateId: string | null;
}

/** A draft nobody has touched yet. */
export function emptyDraft(defaults: CardData['defaults']): Draft {
  return {
    pushType: defaults.push_type,
    recipient: null,
    ...senderOf(defaults.sender),
    unicode: false,
    text: '',
    links: [],
    schedule: null,
    templateId: null,
  };
}

/** What a template changes in a draft: not to whom it goes, nor when. */
export function fromTemplate(template: Template, markOf: MarkOf): Partial<Draft> {
  return {
    ...fromWire(template.text, template.links, markOf),
    ...senderOf(template.sender),
    pushType: template.push_type,
    unicode: template.unicode,
    templateId: template.id,
  };
}

function senderOf(sender: string | null): Pick<Draft, 'customSender' | 'sender'> {
  return { customSender: sender !== null, sender: sender ?? '' };
}

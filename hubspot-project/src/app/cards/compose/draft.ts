/** The message being written, unchecked (see review.ts for the checks). */
import type { CardData, PushType, Template } from '@connector/api';
import { fromWire, type LinkedText, type MarkOf } from '@connector/sms-ui';
import type { BaseDate, BaseTime } from '@hubspot/ui-extensions';
import type { ChosenNumber } from './recipients';

/** In the portal's time zone; null where nothing has been chosen yet. */
export interface Schedule {
  date: BaseDate | null;
  time: BaseTime | null;
}

/** `text` is the field's text, with each link as a mark. */
export interface Draft extends LinkedText {
  pushType: PushType;
  /** The number that the user saw; null until the composer has been opened. */
  recipient: ChosenNumber | null;
  customSender: boolean;
  sender: string;
  /** Whether special characters stay, whatever they cost. */
  unicode: boolean;
  /** Whether special characters of the record's values go, where they would cost more: the writer agreed. */
  removesSpecial: boolean;
  /** Null: now. */
  schedule: Schedule | null;
  /** The template behind the text, changed since or not. */
  templateId: string | null;
  templateName: string | null;
  /** The place in the text of its last change; null: its end. */
  cursor: number | null;
  /** The labels of inserted properties by internal name. */
  labels: Record<string, string>;
}

/** A new draft. */
export function emptyDraft(defaults: CardData['defaults']): Draft {
  return {
    pushType: defaults.push_type,
    recipient: null,
    ...senderOf(defaults.sender),
    unicode: false,
    removesSpecial: false,
    text: '',
    links: [],
    schedule: null,
    templateId: null,
    templateName: null,
    cursor: null,
    labels: {},
  };
}

/** The parts of a draft that a template changes: neither recipient nor time. */
export function fromTemplate(template: Template, markOf: MarkOf): Partial<Draft> {
  return {
    ...fromWire(template.text, template.links, markOf),
    ...senderOf(template.sender),
    pushType: template.push_type,
    unicode: template.unicode,
    templateId: template.id,
    templateName: template.name,
    cursor: null,
  };
}

function senderOf(sender: string | null): Pick<Draft, 'customSender' | 'sender'> {
  return { customSender: sender !== null, sender: sender ?? '' };
}

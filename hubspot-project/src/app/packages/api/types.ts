/** The types of the backend's requests and answers, derived from the schemas so that the two cannot differ. */
import type { z } from 'zod/mini';
import type * as drafts from './draft-schemas';
import type * as schemas from './schemas';
import type * as templates from './template-schemas';

export type CodedProblem = z.infer<typeof schemas.CodedProblem>;
export type Message = z.infer<typeof schemas.Message>;
export type MessageStatus = Message['status'];
export type Balance = z.infer<typeof schemas.Balance>;
export type PhoneNumber = z.infer<typeof schemas.PhoneNumber>;
export type PhoneProperty = z.infer<typeof schemas.PhoneProperty>;
export type CardData = z.infer<typeof schemas.CardData>;
export type PushType = CardData['defaults']['push_type'];
export type Preview = z.infer<typeof schemas.Preview>;
export type StoredDraft = z.infer<typeof drafts.StoredDraft>;
export type CrmProperty = z.infer<typeof schemas.PropertiesData>['properties'][number];
export type Template = z.infer<typeof templates.Template>;
export type TemplatesPage = z.infer<typeof templates.TemplatesData>;
export type Preferences = z.infer<typeof schemas.PreferencesData>['preferences'];
export type SendResult = z.infer<typeof schemas.SendResult>;
export type Outgoing = z.infer<typeof schemas.Outgoing>;
/** The settings changed in one call. */
export type OutgoingLimits = Pick<
  Outgoing,
  'hourly_cap' | 'pace_per_minute' | 'max_ages_h' | 'once_within_h'
>;
export type SettingsData = z.infer<typeof schemas.SettingsData>;
export type LinkedAccount = NonNullable<SettingsData['account']>;

/** A record of the CRM as HubSpot names it to an extension; ids are strings because they exceed 2^53. */
export interface RecordRef {
  object_type_id: string;
  object_id: string;
}

/** A message from the composer; preview and send use the same form. */
export interface MessageCommand extends RecordRef {
  /** The chosen number of the record: a deal's numbers are those of its contacts or companies. */
  property: string;
  number_object_type_id: string;
  number_object_id: string;
  /** E.164, as shown to the user; the backend refuses when the record no longer holds it. */
  recipient: string;
  push_type: PushType;
  /** Null: the gateway's default sender. */
  sender: string | null;
  unicode: boolean;
  /** Special characters without an equivalent are removed where they would cost more. */
  removes_special: boolean;
  /** Has one `<-short->` for each of `links`, in order, and properties as `{{name}}` or `{{name|fallback}}`. */
  text: string;
  links: string[];
  /** `YYYY-MM-DDTHH:MM` on the clocks of the portal's time zone; null: now. */
  send_at: string | null;
}

/** The request of one press on "send": the same content always has the same key (see compose/attempt.ts). */
export interface SendCommand extends MessageCommand {
  idempotency_key: string;
  /** The template behind the text, changed or not. */
  template_id: string | null;
  /** The user confirmed that the same text went to this number a moment ago. */
  may_repeat: boolean;
}

/** A held message of the record, and the number that it shall go to. */
export type HeldCommand = RecordRef &
  Pick<MessageCommand, 'property' | 'number_object_type_id' | 'number_object_id' | 'recipient'> & {
    id: string;
  };

/** The record that an opted-out person agrees to SMS again. */
export interface ConsentCommand extends RecordRef {
  recipient: string;
  /** The reason, 3 to 500 characters; stored with the author's name. */
  reason: string;
}

/** The record whose owner asked not to be texted any more. */
export interface OptOutCommand extends RecordRef {
  recipient: string;
  /** Up to 500 characters; may be empty. */
  reason: string;
}

/** The draft of a record; `draft` null ends it, because it was sent or thrown away. */
export interface DraftCommand extends RecordRef {
  draft: StoredDraft | null;
  /** The user's last change: of two tabs, the later one counts. */
  written_at: string;
}

export type TemplateContent = Pick<Template, 'text' | 'links' | 'push_type' | 'sender' | 'unicode'>;

/** All calls of the extensions to the backend. Every method throws only `ApiError` on purpose. */
export interface Api {
  openCard(record: RecordRef): Promise<CardData>;
  /** Reads the state of these messages. Costs no call to HubSpot, unlike `openCard`, which reads the record. */
  readMessages(ids: string[]): Promise<Message[]>;
  listProperties(objectTypeId: string): Promise<CrmProperty[]>;
  /** Refuses like `send`, but sends nothing. */
  preview(command: MessageCommand): Promise<Preview>;
  send(command: SendCommand): Promise<SendResult>;
  cancelMessage(id: string): Promise<Message>;
  /** Sends a held message to another number of its record. */
  sendHeld(command: HeldCommand): Promise<Message>;
  /** Marks the replies from the record's numbers as read, for everyone. */
  markRead(record: RecordRef): Promise<void>;
  /** The draft that this user left on the record; null: none. */
  readDraft(record: RecordRef): Promise<StoredDraft | null>;
  /** False: a newer draft of another tab is stored, and stays. */
  saveDraft(command: DraftCommand): Promise<boolean>;
  recordConsent(command: ConsentCommand): Promise<void>;
  recordOptOut(command: OptOutCommand): Promise<void>;
  listTemplates(): Promise<Template[]>;
  saveTemplate(name: string, content: TemplateContent): Promise<Template>;
  /** `version`: the version that was edited; a newer one is not overwritten. */
  updateTemplate(id: string, version: number, content: TemplateContent): Promise<Template>;
  renameTemplate(id: string, name: string): Promise<Template>;
  deleteTemplate(id: string): Promise<void>;
  openSettings(): Promise<SettingsData>;
  linkAccount(token: string): Promise<SettingsData>;
  readPreferences(): Promise<Preferences>;
  savePreferences(preferences: Preferences): Promise<Preferences>;
  readOutgoing(): Promise<Outgoing>;
  limitOutgoing(limits: OutgoingLimits): Promise<Outgoing>;
  /** Stops all sending of the portal until a user resumes it. */
  pauseOutgoing(): Promise<Outgoing>;
  resumeOutgoing(): Promise<Outgoing>;
}

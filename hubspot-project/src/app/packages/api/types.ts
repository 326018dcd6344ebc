/** The types of what the backend is asked and answers, derived from the schemas so that the two cannot differ. */
import type { z } from 'zod/mini';
import type * as schemas from './schemas';

export type CodedProblem = z.infer<typeof schemas.CodedProblem>;
export type Message = z.infer<typeof schemas.Message>;
export type MessageStatus = Message['status'];
export type Balance = z.infer<typeof schemas.Balance>;
export type PhoneNumber = z.infer<typeof schemas.PhoneNumber>;
export type CardData = z.infer<typeof schemas.CardData>;
export type PushType = CardData['defaults']['push_type'];
export type SendResult = z.infer<typeof schemas.SendResult>;
export type SettingsData = z.infer<typeof schemas.SettingsData>;
export type LinkedAccount = NonNullable<SettingsData['account']>;

/** A record of the CRM as HubSpot names it to an extension; ids are strings because they exceed 2^53. */
export interface RecordRef {
  object_type_id: string;
  object_id: string;
}

/** What one press on "send" says: the same content always travels with the same key (see compose/attempt.ts). */
export interface SendCommand extends RecordRef {
  idempotency_key: string;
  property: string;
  /** E.164, as the user saw it; the backend refuses when the record no longer holds it. */
  recipient: string;
  push_type: PushType;
  /** Null: the gateway's default sender. */
  sender: string | null;
  unicode: boolean;
  text: string;
}

/** Everything the extensions ask of the backend. Every method throws `ApiError` and nothing else on purpose. */
export interface Api {
  openCard(record: RecordRef): Promise<CardData>;
  /** Where these messages stand. Costs no call to HubSpot, unlike `openCard`, which reads the record. */
  readMessages(ids: string[]): Promise<Message[]>;
  send(command: SendCommand): Promise<SendResult>;
  openSettings(): Promise<SettingsData>;
  linkAccount(token: string): Promise<SettingsData>;
}

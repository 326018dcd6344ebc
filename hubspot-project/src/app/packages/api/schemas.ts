/**
 * The shapes of every answer of the backend, checked at run time: the view draws nothing that it has not verified.
 *
 * Instants are ISO 8601 strings in UTC. A word that this version does not know (a status added later by the backend)
 * becomes `other` instead of failing the whole card: backend and extensions are released separately.
 */
import * as z from 'zod/mini';

// HubSpot's worker may forbid code generation; zod would try it once and leave a report in the user's console.
z.config({ jitless: true });

export const MESSAGE_STATUSES = [
  'resolving',
  'scheduled',
  'queued',
  'sending',
  'accepted',
  'moderated',
  'delivered',
  'undelivered',
  'expired',
  'refused',
  'unknown',
  'unresolved',
  'cancelled',
  'blocked',
  'too_late',
] as const;

export const PUSH_TYPES = ['alert', 'marketing'] as const;

const Instant = z.iso.datetime({ offset: true });
/** Only what a link may safely lead to. */
const WebAddress = z.url({ protocol: /^https?$/ });

/** A code with what its sentence needs: texts, numbers, or lists of characters. */
export const CodedProblem = z.object({
  code: z.string(),
  params: z.catch(z.record(z.string(), z.unknown()), {}),
});

export const Message = z.object({
  id: z.string(),
  direction: z.enum(['outbound', 'inbound']),
  text: z.string(),
  status: z.catch(z.enum([...MESSAGE_STATUSES, 'other']), 'other'),
  /** Why the status is what it is; null when there is nothing to add. */
  reason: z.nullable(z.string()),
  at: Instant,
  /** E.164. For an inbound message, the number that wrote. */
  recipient: z.string(),
  /** Null: the gateway's default sender. */
  sender: z.nullable(z.string()),
  /** Billable SMS. */
  parts: z.number(),
  /** SMSFactor credits, not money; null until the gateway has said it. */
  cost_credits: z.nullable(z.number()),
  /** The campaign's report on the SMSFactor platform; null until the gateway has taken the message. */
  report_url: z.nullable(WebAddress),
  /** True: the status will never change again. */
  final: z.boolean(),
});

/** `value`: credits left when prepaid, consumed this month when postpaid, without meaning when unlimited. */
export const Balance = z.object({
  mode: z.enum(['prepaid', 'postpaid', 'unlimited']),
  value: z.nullable(z.number()),
  at: Instant,
});

export const PhoneNumber = z.object({
  /** Internal name of the HubSpot property that holds it. */
  property: z.string(),
  /** As typed by a person in HubSpot. */
  raw: z.nullable(z.string()),
  /** E.164; null when no SMS can go there, `error` then says why. */
  recipient: z.nullable(z.string()),
  country: z.nullable(z.string()),
  error: z.nullable(CodedProblem),
});

export const CardData = z.object({
  account: z.object({
    state: z.enum(['linked', 'not_linked']),
    /** Null: SMSFactor has not told the balance, which is not the same as no credits. */
    balance: z.nullable(Balance),
    /** Something that the admin must mend, or null. */
    problem: z.nullable(CodedProblem),
  }),
  numbers: z.array(PhoneNumber),
  /** Outbound messages ever sent to the numbers of this record, by whichever path. */
  sent_count: z.number(),
  /** The last three, newest first. */
  messages: z.array(Message),
  defaults: z.object({ push_type: z.enum(PUSH_TYPES), sender: z.nullable(z.string()) }),
  /** IANA name of the portal's time zone. */
  time_zone: z.string(),
  settings_url: WebAddress,
});

/** Where single messages stand; those that the backend does not know are left out. */
export const MessagesData = z.object({ messages: z.array(Message) });

/** `repeated`: this message had been stored by an earlier call with the same key; nothing was added. */
export const SendResult = z.object({ message: Message, repeated: z.boolean() });

export const SettingsData = z.object({
  account: z.nullable(
    z.object({
      client_id: z.string(),
      email: z.nullable(z.string()),
      first_name: z.nullable(z.string()),
      last_name: z.nullable(z.string()),
      company: z.nullable(z.string()),
      balance: z.nullable(Balance),
      linked_at: Instant,
    }),
  ),
  /** SMS sent with the app from this portal. */
  sent_count: z.number(),
  /** Whether this user may change settings. */
  may_edit: z.boolean(),
});

/** What every call answers: the data, or a refusal with its code. */
export const Envelope = z.union([
  z.object({ ok: z.literal(true), data: z.unknown() }),
  z.object({ ok: z.literal(false), error: CodedProblem }),
]);

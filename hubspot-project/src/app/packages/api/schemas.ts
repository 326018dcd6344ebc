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

/** What SMSFactor says it would do with a message as things stand, which may change until it leaves. */
export const VERDICT_CODES = ['gateway_would_refuse', 'credits_short'] as const;

/** What a preview may point out about a message that can be sent. */
export const WARNING_CODES = [
  ...VERDICT_CODES,
  'foreign_number',
  'unicode_parts',
  'sender_no_reply',
  'multi_part',
] as const;

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
  /** As it was sent: the gateway's placeholders are still there. */
  text: z.string(),
  /**
   * Where the text's short links lead, in their order; null for an address that is none here. Of many or long ones
   * only the first: `is_shortened` is true then.
   */
  links: z._default(z.array(z.catch(z.nullable(WebAddress), null)), []),
  status: z.catch(z.enum([...MESSAGE_STATUSES, 'other']), 'other'),
  /** Why the status is what it is; null when there is nothing to add. */
  reason: z.nullable(z.string()),
  at: Instant,
  /** E.164. For an inbound message, the number that wrote. */
  recipient: z.string(),
  /** Null: the gateway's default sender. */
  sender: z.nullable(z.string()),
  push_type: z._default(z.enum(PUSH_TYPES), 'alert'),
  /** Billable SMS. */
  parts: z.number(),
  /** SMSFactor credits, not money; null until the gateway has said it. */
  cost_credits: z.nullable(z.number()),
  /** The campaign's report on the SMSFactor platform; null until the gateway has taken the message. */
  report_url: z.nullable(WebAddress),
  /** True: the status will never change again. */
  final: z.boolean(),
  /** When a scheduled message leaves, legal hours included; null for one that leaves, or left, at once. */
  due_at: z.nullable(Instant),
  /** Whom it goes to where that is not the record itself: the contact or company of a deal. */
  person_name: z._default(z.nullable(z.string()), null),
  /** The text or its links were cut to keep the card small; `readMessages` gives all of them. */
  is_shortened: z._default(z.boolean(), false),
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
  /** What HubSpot calls it; null where the view has words of its own, or HubSpot does not tell. */
  property_label: z._default(z.nullable(z.string()), null),
  /** As typed by a person in HubSpot. */
  raw: z.nullable(z.string()),
  /** E.164; null when no SMS can go there, `error` then says why. */
  recipient: z.nullable(z.string()),
  /** ISO 3166 code of the number's territory; `001` for a number of none. */
  country: z.nullable(z.string()),
  error: z.nullable(CodedProblem),
  /** The record that holds it: of a deal, one of its contacts or companies. */
  object_type_id: z.string(),
  object_id: z.string(),
  /** Whose number it is; null on the person's or company's own record. */
  owner_name: z.nullable(z.string()),
  /** Answered STOP, or was put on the STOP list. */
  is_opted_out: z.boolean(),
  /** The operator has said that the number belongs to nobody ("NPAI"). */
  is_npai: z.boolean(),
  kind: z.catch(z.enum(['mobile', 'fixed', 'other']), 'other'),
  /** Of another country than the portal's. */
  is_foreign: z.boolean(),
});

/** A property that counts as a number of a record, as the portal has chosen. */
export const PhoneProperty = z.object({
  /** Whose: of a deal, its contacts' and its companies'. */
  object_type_id: z.string(),
  name: z.string(),
  label: z.nullable(z.string()),
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
  /** More than 0: there are others, which do not fit in a card or were not read. */
  numbers_left_out: z._default(z.number(), 0),
  /** In the order in which their numbers are offered; empty where the backend does not tell yet. */
  phone_properties: z._default(z.array(PhoneProperty), []),
  /** Outbound messages ever sent to the numbers of this record, by whichever path. */
  sent_count: z.number(),
  /** The last three, newest first. */
  messages: z.array(Message),
  /** Messages that wait for their time, the soonest first; of many, the first ones. */
  scheduled: z.array(Message),
  /** How many wait in all, counted up to 100. */
  scheduled_count: z._default(z.number(), 0),
  /** Replies from the record's numbers that nobody has opened. */
  unread_count: z.number(),
  defaults: z.object({ push_type: z.enum(PUSH_TYPES), sender: z.nullable(z.string()) }),
  /** Whether marketing waits for the legal hours. */
  calendar: z._default(z.object({ applies: z.boolean() }), { applies: true }),
  /** Whether an alert may go to someone who has opted out; marketing never may. */
  alert_rule: z.enum(['block', 'allow']),
  /** Whether this user may send and cancel, edit templates, and record that someone agrees to SMS again. */
  may_send: z._default(z.boolean(), true),
  may_edit_templates: z._default(z.boolean(), true),
  may_record_consent: z.boolean(),
  /** The longest message, in parts; the backend refuses more. */
  max_parts: z.number(),
  /** Characters that are counted for a short link, and for the STOP mention that the gateway adds. */
  short_url_units: z.number(),
  stop_mention_units: z.number(),
  /** IANA name of the portal's time zone. */
  time_zone: z.string(),
  settings_url: WebAddress,
});

/** Where single messages stand; those that the backend does not know are left out. */
export const MessagesData = z.object({ messages: z.array(Message) });

/** `repeated`: this message had been stored by an earlier call with the same key; nothing was added. */
export const SendResult = z.object({ message: Message, repeated: z.boolean() });

/** A message as it would leave, with the record's values, what it would cost, and when it would really leave. */
export const Preview = z.object({
  /** With its properties' values in place; the gateway's own placeholders are still there. */
  text: z.string(),
  encoding: z.enum(['gsm7', 'ucs2']),
  units: z.number(),
  parts: z.number(),
  /** SMSFactor credits; null when the gateway did not say. */
  cost_credits: z.nullable(z.number()),
  asked_at: Instant,
  effective_at: Instant,
  /** It would leave later than asked because of the legal hours. */
  is_delayed: z.boolean(),
  warnings: z.array(CodedProblem),
});

/** The message that was cancelled, or is no longer waiting. */
export const MessageData = z.object({ message: Message });

/** The answer of a call that has nothing to tell but that it was done. */
export const Done = z.object({});

/** Properties that a text may hold, sorted by label. */
export const PropertiesData = z.object({
  properties: z.array(z.object({ name: z.string(), label: z.string() })),
});

/** A text kept for the whole portal, with one `<-short->` for each of `links`. */
export const Template = z.object({
  id: z.string(),
  name: z.string(),
  text: z.string(),
  links: z.array(z.string()),
  push_type: z.enum(PUSH_TYPES),
  sender: z.nullable(z.string()),
  unicode: z.boolean(),
  version: z.number(),
  updated_at: Instant,
  /** HubSpot's id of the user who changed it last. */
  updated_by: z.nullable(z.coerce.string()),
  /** Who that is, to a colleague; null where HubSpot did not say. */
  updated_by_email: z._default(z.nullable(z.string()), null),
});

export const TemplateData = z.object({ template: Template });
/** A page of them, sorted by name. `next` asks for what follows; null: these are the last. */
export const TemplatesData = z.object({
  templates: z.array(Template),
  next: z._default(z.nullable(z.object({ after_name: z.string(), after_id: z.string() })), null),
});

export const PreferencesData = z.object({
  preferences: z.object({
    /** ISO 3166 code, for numbers without a calling code. */
    default_country: z.string(),
    default_push_type: z.enum(PUSH_TYPES),
    default_sender: z.nullable(z.string()),
    /** Internal names of the properties that hold numbers, in the order in which they are offered. */
    phone_properties: z.object({ contacts: z.array(z.string()), companies: z.array(z.string()) }),
    alert_rule: z.enum(['block', 'allow']),
    /** Hours (0 to 24, recipient's own time) within which marketing leaves. */
    calendar: z.object({ start_hour: z.number(), end_hour: z.number(), alsace_moselle: z.boolean() }),
    /** ISO 3166 codes; null: every country that the gateway serves. */
    allowed_countries: z.nullable(z.array(z.string())),
  }),
});

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

/** What may leave the portal, how fast, and what waits. */
export const Outgoing = z.object({
  /** Since when nothing leaves; null: not paused. */
  paused_at: z.nullable(Instant),
  /** HubSpot's id of the user who paused, and who that is to a colleague, where HubSpot said so. */
  paused_by_user_id: z.nullable(z.number()),
  paused_by_email: z._default(z.nullable(z.string()), null),
  /** Why SMSFactor takes nothing right now; null: nothing is known against it. */
  held_by: z._default(z.nullable(z.string()), null),
  /** Messages of workflows and bulk sends a clock hour; null: no limit. */
  hourly_cap: z.nullable(z.number()),
  /** Those of this clock hour that count against the cap. */
  sent_this_hour: z.number(),
  next_hour_at: Instant,
  /** Of the same messages; null: as fast as the account may. */
  pace_per_minute: z.nullable(z.number()),
  /** Hours that a message may wait past its time, by where it came from; sources without a field here are kept. */
  max_ages_h: z.looseObject({ card: z.number(), workflow: z.number() }),
  waiting: z.object({
    /** For their turn, credits, the end of a pause. */
    queued: z.number(),
    /** For their time. */
    scheduled: z.number(),
    /** Executions of workflows whose recipient or text is still read from HubSpot. */
    resolving: z._default(z.number(), 0),
  }),
  /** Whether this user may change any of it. */
  may_edit: z._default(z.boolean(), true),
});

/** What every call answers: the data, or a refusal with its code. */
export const Envelope = z.union([
  z.object({ ok: z.literal(true), data: z.unknown() }),
  z.object({ ok: z.literal(false), error: CodedProblem }),
]);

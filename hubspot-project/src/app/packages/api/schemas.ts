/**
 * The shapes of every answer of the backend, checked at run time: the view draws nothing that it has not verified.
 * Instants are ISO 8601 strings in UTC. A word unknown to this version (a status added later by the backend)
 * becomes `other` instead of failing the whole card: backend and extensions are released separately.
 */
import * as z from 'zod/mini';

// HubSpot's worker may forbid code generation; zod would try it once and leave a report in the user's console.
z.config({ jitless: true });

export const MESSAGE_STATUSES = [
  'resolving',
  'scheduled',
  'held',
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

/** SMSFactor's current verdict on a message; it may change until the message leaves. */
export const VERDICT_CODES = ['gateway_would_refuse', 'credits_short'] as const;

/** Notes of a preview about a message that can be sent. */
export const WARNING_CODES = [
  ...VERDICT_CODES,
  'foreign_number',
  'unicode_parts',
  'characters_replaced',
  'sender_no_reply',
  'multi_part',
] as const;

export const Instant = z.iso.datetime({ offset: true });
/** Only safe targets of a link. */
const WebAddress = z.url({ protocol: /^https?$/ });

/** A code with the values for its sentence: texts, numbers, or lists of characters. */
export const CodedProblem = z.object({
  code: z.string(),
  params: z.catch(z.record(z.string(), z.unknown()), {}),
});

export const Message = z.object({
  id: z.string(),
  direction: z.enum(['outbound', 'inbound']),
  /** The text as sent, with the gateway's placeholders. */
  text: z.string(),
  /** Targets of the text's short links, in order; null for an invalid one. `is_shortened`: there are more. */
  links: z._default(z.array(z.catch(z.nullable(WebAddress), null)), []),
  status: z.catch(z.enum([...MESSAGE_STATUSES, 'other']), 'other'),
  /** The reason for the status; null when there is nothing to add. */
  reason: z.nullable(z.string()),
  at: Instant,
  /** E.164. For an inbound message, the number that wrote. */
  recipient: z.string(),
  /** Null: the gateway's default sender. */
  sender: z.nullable(z.string()),
  push_type: z._default(z.enum(PUSH_TYPES), 'alert'),
  /** Billable SMS. */
  parts: z.number(),
  /** SMSFactor credits, not money; null until the gateway reports them. */
  cost_credits: z.nullable(z.number()),
  /** The campaign's report on the SMSFactor platform; null until the gateway has accepted the message. */
  report_url: z.nullable(WebAddress),
  /** True: the status will never change again. */
  final: z.boolean(),
  /** The time a scheduled message leaves, after legal hours; null for a message sent at once. */
  due_at: z.nullable(Instant),
  /** The recipient if it is not the record itself: the contact or company of a deal. */
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
  /** HubSpot's label; null where the view has a label of its own or HubSpot gives none. */
  property_label: z._default(z.nullable(z.string()), null),
  /** The number as typed in HubSpot. */
  raw: z.nullable(z.string()),
  /** E.164; null when no SMS can go there, for the reason in `error`. */
  recipient: z.nullable(z.string()),
  /** ISO 3166 code of the number's territory; `001` for a number without one. */
  country: z.nullable(z.string()),
  error: z.nullable(CodedProblem),
  /** The record with the property: on a deal, a contact or company of it. */
  object_type_id: z.string(),
  object_id: z.string(),
  /** The owner of the number; null on the person's or company's own record. */
  owner_name: z.nullable(z.string()),
  /** Answered STOP, or was put on the STOP list. */
  is_opted_out: z.boolean(),
  /** The operator reports the number as unassigned ("NPAI"). */
  is_npai: z.boolean(),
  kind: z.catch(z.enum(['mobile', 'fixed', 'other']), 'other'),
  /** The number is of another country than the portal's. */
  is_foreign: z.boolean(),
  is_ambiguous: z._default(z.boolean(), false), // one of two readings; the user must choose
});

/** A property that the portal has chosen as a number of its records. */
export const PhoneProperty = z.object({
  /** The record's object type: on a deal, contacts and companies. */
  object_type_id: z.string(),
  name: z.string(),
  label: z.nullable(z.string()),
});

export const CardData = z.object({
  account: z.object({
    state: z.enum(['linked', 'not_linked']),
    /** Null: SMSFactor has not reported the balance, which differs from no credits. */
    balance: z.nullable(Balance),
    /** A problem that the admin must fix, or null. */
    problem: z.nullable(CodedProblem),
  }),
  numbers: z.array(PhoneNumber),
  /** More than 0: further numbers do not fit in a card or were not read. */
  numbers_left_out: z._default(z.number(), 0),
  /** In the order in which their numbers are offered; empty from a backend that does not report it yet. */
  phone_properties: z._default(z.array(PhoneProperty), []),
  /** Outbound messages ever sent to the numbers of this record, by whichever path. */
  sent_count: z.number(),
  /** The last three, newest first. */
  messages: z.array(Message),
  /** Scheduled messages, the soonest first; of many, the first ones. */
  scheduled: z.array(Message),
  /** The number of scheduled messages, counted up to 100. */
  scheduled_count: z._default(z.number(), 0),
  held: z._default(z.array(Message), []), // their number is no longer on the record
  has_draft: z._default(z.boolean(), false), // of this user
  unread_count: z.number(), // replies from the record's numbers
  defaults: z.object({ push_type: z.enum(PUSH_TYPES), sender: z.nullable(z.string()) }),
  /** Whether marketing waits for the legal hours. */
  calendar: z._default(z.object({ applies: z.boolean() }), { applies: true }),
  /** Whether an alert may go to an opted-out number; marketing never may. */
  alert_rule: z.enum(['block', 'allow']),
  /** Whether this user may send and cancel, edit templates, and record that someone agrees to SMS again. */
  may_send: z._default(z.boolean(), true),
  may_edit_templates: z._default(z.boolean(), true),
  may_record_consent: z.boolean(),
  /** The longest message, in parts; the backend refuses more. */
  max_parts: z.number(),
  /** Characters counted for a short link, and for the STOP mention that the gateway adds. */
  short_url_units: z.number(),
  stop_mention_units: z.number(),
  /** IANA name of the portal's time zone. */
  time_zone: z.string(),
  settings_url: WebAddress,
});

/** The state of single messages; messages unknown to the backend are left out. */
export const MessagesData = z.object({ messages: z.array(Message) });

/** `repeated`: this message had been stored by an earlier call with the same key; nothing was added. */
export const SendResult = z.object({ message: Message, repeated: z.boolean() });

/** A message as it would leave, with the record's values, its cost and its real time of departure. */
export const Preview = z.object({
  /** The text with its properties' values and the gateway's own placeholders. */
  text: z.string(),
  encoding: z.enum(['gsm7', 'ucs2']),
  units: z.number(),
  parts: z.number(),
  /** SMSFactor credits; null when the gateway did not report them. */
  cost_credits: z.nullable(z.number()),
  asked_at: Instant,
  effective_at: Instant,
  /** The time zone of the recipient's country, where its clocks show another time than the portal's. */
  recipient_time_zone: z._default(z.nullable(z.string()), null),
  /** The values of the text's properties; null: empty, the fallback stands in. */
  values: z._default(z.record(z.string(), z.nullable(z.string())), {}),
  /** The places in `text`, as start and end, where characters stand in for special ones. */
  changed_at: z._default(z.array(z.tuple([z.number(), z.number()])), []),
  /** The legal hours delay it. */
  is_delayed: z.boolean(),
  /** The reason that nothing leaves now, as of a message's status; null: it would leave at once. */
  held_by: z._default(z.nullable(z.string()), null),
  warnings: z.array(CodedProblem),
});

/** The message that was cancelled, or is no longer waiting. */
export const MessageData = z.object({ message: Message });

/** The answer of a call without data: the call has succeeded. */
export const Done = z.object({});

/** Properties that a text may hold, sorted by label. */
export const PropertiesData = z.object({
  properties: z.array(z.object({ name: z.string(), label: z.string() })),
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
    /** Hours (0 to 24, recipient's own time) between which marketing leaves. */
    calendar: z.object({ start_hour: z.number(), end_hour: z.number(), alsace_moselle: z.boolean() }),
    /** ISO 3166 codes; null: every country that the gateway serves. */
    allowed_countries: z.nullable(z.array(z.string())),
    /** Timeline events of calls with several recipients carry no link to the report, which shows all their numbers. */
    hide_batch_reports: z._default(z.boolean(), true),
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
  /** The problems that a person must fix, oldest first: the card shows the first. */
  problems: z._default(z.array(CodedProblem), []),
  /** SMS sent with the app from this portal. */
  sent_count: z.number(),
  /** Whether this user may change settings. */
  may_edit: z.boolean(),
});

/** The sending limits of the portal, and its waiting messages. */
export const Outgoing = z.object({
  /** Start of the pause; null when not paused. */
  paused_at: z.nullable(Instant),
  /** HubSpot's id of the user who paused, and that user's e-mail address if HubSpot gave it. */
  paused_by_user_id: z.nullable(z.number()),
  paused_by_email: z._default(z.nullable(z.string()), null),
  /** The reason why SMSFactor accepts nothing now; null: no reason is known. */
  held_by: z._default(z.nullable(z.string()), null),
  /** Messages of workflows and bulk sends a clock hour; null: no limit. */
  hourly_cap: z.nullable(z.number()),
  /** Messages of this clock hour that count against the cap. */
  sent_this_hour: z.number(),
  next_hour_at: Instant,
  /** The same messages a minute; null: as fast as the account may. */
  pace_per_minute: z.nullable(z.number()),
  /** Hours that a message may wait past its time, by source; sources without a field here stay unchanged. */
  max_ages_h: z.looseObject({ card: z.number(), workflow: z.number() }),
  /** A workflow sends a text to a number once within these hours; null: as often as it is run. */
  once_within_h: z._default(z.nullable(z.number()), null),
  waiting: z.object({
    /** Messages that wait for their turn, for credits or for the end of a pause. */
    queued: z.number(),
    /** Scheduled messages. */
    scheduled: z.number(),
    /** Executions of workflows whose recipient or text is still being read from HubSpot. */
    resolving: z._default(z.number(), 0),
  }),
  /** Whether this user may change any of it. */
  may_edit: z._default(z.boolean(), true),
});

/** The answer of every call: data, or a refusal with its code. */
export const Envelope = z.union([
  z.object({ ok: z.literal(true), data: z.unknown() }),
  z.object({ ok: z.literal(false), error: CodedProblem }),
]);

/** Complete answers of the backend for tests; a test names only the fields it is about. */
import type {
  CardData,
  LinkedAccount,
  Message,
  Outgoing,
  PhoneNumber,
  PhoneProperty,
  Preferences,
  Preview,
  SettingsData,
  StoredDraft,
  Template,
} from '../types';

export function aMessage(changes: Partial<Message> = {}): Message {
  return {
    id: '7d1f3c3e-0000-4000-8000-000000000001',
    direction: 'outbound',
    text: 'Votre commande est arrivee',
    links: [],
    status: 'delivered',
    reason: null,
    at: '2026-11-23T13:05:00Z',
    recipient: '+33612345678',
    sender: null,
    push_type: 'alert',
    parts: 1,
    cost_credits: 1,
    report_url: 'https://platform.example/report/4021',
    final: true,
    due_at: null,
    person_name: null,
    is_shortened: false,
    ...changes,
  };
}

export function aStoredDraft(changes: Partial<StoredDraft> = {}): StoredDraft {
  return {
    text: 'Bonjour',
    links: [],
    push_type: 'alert',
    sender: null,
    unicode: false,
    removes_special: false,
    property: 'mobilephone',
    number_object_type_id: '0-1',
    number_object_id: '501',
    recipient: '+33612345678',
    send_at: null,
    template_id: null,
    ...changes,
  };
}

export function aNumber(changes: Partial<PhoneNumber> = {}): PhoneNumber {
  return {
    property: 'mobilephone',
    property_label: null,
    raw: '06 12 34 56 78',
    recipient: '+33612345678',
    country: 'FR',
    error: null,
    object_type_id: '0-1',
    object_id: '501',
    owner_name: null,
    is_opted_out: false,
    is_npai: false,
    kind: 'mobile',
    is_foreign: false,
    is_ambiguous: false,
    ...changes,
  };
}

export function aPhoneProperty(changes: Partial<PhoneProperty> = {}): PhoneProperty {
  return { object_type_id: '0-1', name: 'mobilephone', label: null, ...changes };
}

/** A number that the backend refuses, in the backend's form. */
export function aBadNumber(code: string, raw: string | null, property = 'phone'): PhoneNumber {
  return aNumber({
    property,
    raw,
    recipient: null,
    country: null,
    error: { code, params: raw ? { raw } : {} },
  });
}

export function aCard(changes: Partial<CardData> = {}): CardData {
  return {
    account: {
      state: 'linked',
      balance: { mode: 'prepaid', value: 1249, at: '2026-11-23T13:00:00Z' },
      problem: null,
    },
    numbers: [aNumber()],
    numbers_left_out: 0,
    phone_properties: [aPhoneProperty(), aPhoneProperty({ name: 'phone' })],
    sent_count: 12,
    messages: [],
    has_draft: false,
    scheduled: [],
    scheduled_count: changes.scheduled?.length ?? 0,
    held: [],
    unread_count: 0,
    calendar: { applies: true },
    alert_rule: 'block',
    may_send: true,
    may_edit_templates: true,
    may_record_consent: false,
    max_parts: 10,
    short_url_units: 21,
    stop_mention_units: 16,
    defaults: { push_type: 'alert', sender: null },
    time_zone: 'Europe/Paris',
    settings_url: 'https://app.hubspot.example/connected-apps/145000001/installed/1234567',
    ...changes,
  };
}

/** A scheduled message. */
export function aScheduled(changes: Partial<Message> = {}): Message {
  return aMessage({
    id: '7d1f3c3e-0000-4000-8000-00000000000a',
    status: 'scheduled',
    final: false,
    report_url: null,
    cost_credits: null,
    due_at: '2026-11-24T07:00:00Z',
    ...changes,
  });
}

export function aPreview(changes: Partial<Preview> = {}): Preview {
  return {
    text: 'Bonjour',
    encoding: 'gsm7',
    units: 7,
    parts: 1,
    cost_credits: 1,
    asked_at: '2026-11-23T13:05:00Z',
    effective_at: '2026-11-23T13:05:00Z',
    recipient_time_zone: null,
    values: {},
    changed_at: [],
    is_delayed: false,
    held_by: null,
    warnings: [],
    ...changes,
  };
}

export function aTemplate(changes: Partial<Template> = {}): Template {
  return {
    id: '7d1f3c3e-0000-4000-8000-00000000000b',
    name: 'Rappel de rendez-vous',
    text: 'A demain 14h',
    links: [],
    push_type: 'alert',
    sender: null,
    unicode: false,
    version: 1,
    updated_at: '2026-11-20T09:00:00Z',
    updated_by: '77',
    updated_by_email: null,
    ...changes,
  };
}

export function somePreferences(changes: Partial<Preferences> = {}): Preferences {
  return {
    default_country: 'FR',
    default_push_type: 'alert',
    default_sender: null,
    phone_properties: { contacts: ['mobilephone', 'phone'], companies: ['phone'] },
    alert_rule: 'block',
    calendar: { start_hour: 8, end_hour: 20, alsace_moselle: false },
    allowed_countries: null,
    hide_batch_reports: true,
    ...changes,
  };
}

export function anAccount(changes: Partial<LinkedAccount> = {}): LinkedAccount {
  return {
    client_id: '204518',
    email: 'ops@atelier-lumen.example',
    first_name: 'Ines',
    last_name: 'Moreau',
    company: 'Atelier Lumen',
    balance: { mode: 'prepaid', value: 1249, at: '2026-11-23T13:00:00Z' },
    linked_at: '2026-11-23T09:00:00Z',
    ...changes,
  };
}

export function someSettings(changes: Partial<SettingsData> = {}): SettingsData {
  return { account: anAccount(), problems: [], sent_count: 12, may_edit: true, ...changes };
}

export function someOutgoing(changes: Partial<Outgoing> = {}): Outgoing {
  return {
    paused_at: null,
    paused_by_user_id: null,
    paused_by_email: null,
    held_by: null,
    hourly_cap: null,
    sent_this_hour: 0,
    next_hour_at: '2026-11-23T14:00:00Z',
    pace_per_minute: null,
    max_ages_h: { card: 24, reply: 24, workflow: 24, bulk: 24 },
    once_within_h: null,
    waiting: { queued: 0, scheduled: 0, resolving: 0 },
    may_edit: true,
    ...changes,
  };
}

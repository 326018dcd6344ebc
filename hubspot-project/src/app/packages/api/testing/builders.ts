/** Complete answers of the backend for tests; a test names only what it is about. */
import type { CardData, LinkedAccount, Message, PhoneNumber, SettingsData } from '../types';

export function aMessage(changes: Partial<Message> = {}): Message {
  return {
    id: '7d1f3c3e-0000-4000-8000-000000000001',
    direction: 'outbound',
    text: 'Votre commande est arrivee',
    status: 'delivered',
    reason: null,
    at: '2026-11-23T13:05:00Z',
    recipient: '+33612345678',
    sender: null,
    parts: 1,
    cost_credits: 1,
    report_url: 'https://platform.example/report/4021',
    final: true,
    ...changes,
  };
}

export function aNumber(changes: Partial<PhoneNumber> = {}): PhoneNumber {
  return {
    property: 'mobilephone',
    raw: '06 12 34 56 78',
    recipient: '+33612345678',
    country: 'FR',
    error: null,
    ...changes,
  };
}

/** A number that the backend refuses, as it says so. */
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
    sent_count: 12,
    messages: [],
    defaults: { push_type: 'alert', sender: null },
    time_zone: 'Europe/Paris',
    settings_url: 'https://app.hubspot.example/connected-apps/145000001/installed/1234567',
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
  return { account: anAccount(), sent_count: 12, may_edit: true, ...changes };
}

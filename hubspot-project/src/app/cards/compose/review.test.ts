/** The rules of the composer, without a view: whether a draft can be sent, its recipient, time and length. */
import { readFileSync } from 'node:fs';
import { aBadNumber, aCard, aNumber, aTemplate } from '@connector/api/testing';
import { splitWallClock } from '@connector/sms-ui';
import { describe, expect, it } from 'vitest';
import { emptyDraft, fromTemplate, type Draft } from './draft';
import { isValidSender, reviewDraft, toCommand, toTemplate } from './review';

const numbers = [aNumber(), aBadNumber('number_not_mobile', '01 23 45 67 89')];
const markOf = (number: number) => `[lien ${number}]`;
/** 13:00 in Paris. */
const now = new Date('2026-11-23T12:00:00Z');
const link = { number: 1, url: 'https://lumen.example' };

function drafted(changes: Partial<Draft>): Draft {
  return { ...emptyDraft({ push_type: 'alert', sender: null }), text: 'Bonjour', ...changes };
}

function review(changes: Partial<Draft>, card = aCard({ numbers }), at = now) {
  return reviewDraft(drafted(changes), card, markOf, at);
}

/** [now in UTC, a time chosen in Paris, its instant; null: it has passed]; the backend has the same table. */
const file = new URL('../../../../../contracts/schedule_times.json', import.meta.url);
const scheduleTimes = (
  JSON.parse(readFileSync(file, 'utf8')) as { vectors: [string, string, string | null][] }
).vectors;

const custom = { customSender: true, sender: 'LUMEN' };
const at = (hours: number, minutes: number) => ({
  schedule: { date: { year: 2026, month: 10, date: 23 }, time: { hours, minutes } },
});

describe('a draft', () => {
  it('starts with the portal’s defaults', () => {
    expect(emptyDraft({ push_type: 'marketing', sender: 'LUMEN' })).toMatchObject({
      pushType: 'marketing',
      customSender: true,
      sender: 'LUMEN',
      text: '',
    });
  });

  it.each([
    ['without a text', { text: ' \n ' }, 'text_empty'],
    ['with an emoji that makes it dearer', { text: `🎂${'a'.repeat(70)}` }, 'not_gsm7'],
    ['with more than ten SMS', { text: 'a'.repeat(1531) }, 'too_long'],
    ['with a sender that is too short', { customSender: true, sender: 'AB' }, 'sender'],
    [
      'with a recipient that is gone',
      { recipient: { key: '0-1/501/phone', number: '+33123456789' } },
      'recipient',
    ],
    ['without a date', { schedule: { date: null, time: { hours: 9, minutes: 0 } } }, 'schedule_missing'],
    ['in the past of the portal’s clocks', at(12, 59), 'schedule_past'],
  ] as const)('may not be sent %s', (_case, changes, block) => {
    expect(review(changes).block).toBe(block);
  });

  it('may be sent from now on, on the portal’s clocks', () => {
    expect(review(at(13, 0))).toMatchObject({ block: null, sendAt: '2026-11-23T13:00' });
  });

  it.each(scheduleTimes)('at %s UTC, with %s chosen in Paris, means %s', (instant, chosen, expected) => {
    const { block } = review(
      { schedule: splitWallClock(chosen) },
      aCard({ numbers }),
      new Date(`${instant}Z`),
    );
    expect(block).toBe(expected === null ? 'schedule_past' : null);
  });

  it('may be sent with special characters once they are allowed', () => {
    expect(review({ text: 'ça va', unicode: true })).toMatchObject({ block: null, specialCharacters: ['ç'] });
  });

  it('keeps to the longest message of the backend', () => {
    expect(review({ text: 'a'.repeat(161) }, aCard({ max_parts: 1 })).block).toBe('too_long');
  });

  it.each([
    ['marketing', 'allow', 'marketing_blocked', 'consent'],
    ['marketing', 'block', 'marketing_blocked', 'consent'],
    ['alert', 'block', 'alert_blocked', 'consent'],
    ['alert', 'allow', 'alert_allowed', null],
  ] as const)(
    'of %s to someone who opted out, with the rule "%s"',
    (pushType, alert_rule, consent, block) => {
      const card = aCard({ numbers: [aNumber({ is_opted_out: true })], alert_rule });
      expect(review({ pushType }, card)).toMatchObject({ consent, block });
    },
  );
});

describe('the count', () => {
  it('holds the STOP mention for marketing with a custom sender only', () => {
    const text = 'a'.repeat(150);
    const marketing = { text, pushType: 'marketing' } as const;
    expect(review({ ...marketing, ...custom })).toMatchObject({ stopUnits: 16, segments: { parts: 2 } });
    expect(review(marketing)).toMatchObject({ stopUnits: 0, segments: { parts: 1 } });
    expect(review({ text, ...custom })).toMatchObject({ stopUnits: 0 });
  });

  it('is nothing before something is written', () => {
    const empty = review({ text: '', pushType: 'marketing', ...custom });
    expect(empty).toMatchObject({ stopUnits: 0, segments: { parts: 0, units: 0 } });
  });

  it('holds short links at their length, not their marks', () => {
    const { segments, wire } = review({ text: 'Voir [lien 1]', links: [link] });
    expect(segments.units).toBe(5 + 21);
    expect(wire).toMatchObject({ text: 'Voir <-short->', links: [link.url] });
  });

  it('holds the line that the STOP mention starts after a link', () => {
    const text = 'Voir [lien 1]';
    const { segments } = review({ text, links: [link], pushType: 'marketing', ...custom });
    expect(segments.units).toBe(5 + 21 + 1 + 16);
  });

  it('leaves tokens out, whose values only the backend knows', () => {
    const { segments, tokens } = review({ text: 'Bonjour {{firstname|vous}} !' });
    expect(segments.units).toBe('Bonjour  !'.length);
    expect(tokens).toEqual(['firstname']);
  });
});

describe('the recipient', () => {
  const optedOut = aNumber({ is_opted_out: true });
  const home = aNumber({ property: 'phone', recipient: '+33698765432' });

  it('is at first the first number where an SMS is welcome', () => {
    expect(review({}).recipient?.recipient).toBe('+33612345678');
    expect(review({}, aCard({ numbers: [optedOut, home] })).recipient?.property).toBe('phone');
    expect(review({}, aCard({ numbers: [optedOut] })).recipient?.property).toBe('mobilephone');
  });

  it('is nobody when the record holds no usable number', () => {
    const none = review({}, aCard({ numbers: [aBadNumber('number_invalid', '12')] }));
    expect(none).toMatchObject({ block: 'recipient', recipient: null });
  });

  it('is kept when its number has changed, which is noticed', () => {
    const chosen = { key: '0-1/501/mobilephone', number: '+33600000000' };
    expect(review({ recipient: chosen })).toMatchObject({
      block: null,
      recipientState: 'changed',
      recipient: { recipient: '+33612345678' },
    });
  });

  it('is not replaced by another number when the chosen one is gone', () => {
    const chosen = { key: '0-1/501/mobilephone', number: '+33612345678' };
    expect(review({ recipient: chosen }, aCard({ numbers: [home] }))).toMatchObject({
      recipientState: 'gone',
      recipient: null,
      block: 'recipient',
    });
  });

  it('is told apart from the same property of another contact of a deal', () => {
    const other = aNumber({ object_id: '502', recipient: '+33698765432' });
    const chosen = { key: '0-1/502/mobilephone', number: '+33698765432' };
    const card = aCard({ numbers: [aNumber(), other] });
    expect(review({ recipient: chosen }, card).recipient?.object_id).toBe('502');
  });
});

describe('the command', () => {
  const record = { object_type_id: '0-3', object_id: '900' };

  it('says all that the draft does, links in their order', () => {
    const draft = drafted({ text: 'Voir [lien 1]', links: [link], ...custom, ...at(18, 30) });
    expect(toCommand(record, draft, reviewDraft(draft, aCard(), markOf, now))).toEqual({
      ...record,
      property: 'mobilephone',
      number_object_type_id: '0-1',
      number_object_id: '501',
      recipient: '+33612345678',
      push_type: 'alert',
      sender: 'LUMEN',
      unicode: false,
      removes_special: false,
      text: 'Voir <-short->',
      links: ['https://lumen.example'],
      send_at: '2026-11-23T18:30',
    });
  });

  it('does not exist for a draft that may not be sent', () => {
    const draft = drafted({ text: '' });
    expect(toCommand(record, draft, reviewDraft(draft, aCard(), markOf, now))).toBeNull();
  });
});

describe('a template', () => {
  it('brings its text, links, sender and push type, and goes back as it came', () => {
    const template = aTemplate({
      ...{ text: 'Ici <-short->', links: ['https://lumen.example'], sender: 'LUMEN' },
      ...{ push_type: 'marketing', unicode: true },
    });
    const draft = drafted(fromTemplate(template, markOf));
    expect(draft).toMatchObject({ text: 'Ici [lien 1]', customSender: true, templateId: template.id });
    const { text, links, push_type, sender, unicode } = template;
    const saved = toTemplate(draft, reviewDraft(draft, aCard(), markOf, now));
    expect(saved).toEqual({ text, links, push_type, sender, unicode });
  });

  it('keeps no sender that is still to be typed', () => {
    const draft = drafted({ customSender: true, sender: ' ' });
    expect(toTemplate(draft, reviewDraft(draft, aCard(), markOf, now)).sender).toBeNull();
  });
});

describe('a sender', () => {
  it.each(['LUMEN', 'abc', 'Shop24', '3Suisses', 'ABCDEFGHIJK'])('may be %s', (sender) => {
    expect(isValidSender(sender)).toBe(true);
  });

  it.each(['AB', 'ABCDEFGHIJKL', '36035', 'L UMEN', 'Éclair', 'A-B-C', ''])('may not be "%s"', (sender) => {
    expect(isValidSender(sender)).toBe(false);
  });
});

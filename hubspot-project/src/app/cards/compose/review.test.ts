/** The rules of the composer, without a view: what is sendable, with which key, how long it is. */
import { aBadNumber, aNumber } from '@connector/api/testing';
import { describe, expect, it } from 'vitest';
import { attemptFor, type Content } from './attempt';
import { emptyDraft, isValidSender, reviewDraft, type Draft } from './draft';

const numbers = [aNumber(), aBadNumber('number_not_mobile', '01 23 45 67 89')];

function review(changes: Partial<Draft>, held = numbers) {
  const draft = emptyDraft({ push_type: 'alert', sender: null });
  return reviewDraft({ ...draft, text: 'Bonjour', ...changes }, held);
}

describe('a draft', () => {
  it('starts with the portal’s defaults', () => {
    expect(emptyDraft({ push_type: 'marketing', sender: 'LUMEN' })).toMatchObject({
      pushType: 'marketing',
      customSender: true,
      sender: 'LUMEN',
      text: '',
    });
  });

  it('may be sent to the first number that can receive SMS', () => {
    expect(review({})).toMatchObject({ block: null, recipient: { number: '+33612345678' }, sender: null });
  });

  it.each([
    ['without a text', { text: ' \n ' }, 'text_empty'],
    ['with special characters that are not allowed', { text: 'ça va' }, 'not_gsm7'],
    ['with more than ten SMS', { text: 'a'.repeat(1531) }, 'too_long'],
    ['with a sender that is too short', { customSender: true, sender: 'AB' }, 'sender'],
    [
      'with a recipient that is gone',
      { recipient: { property: 'phone', number: '+33123456789' } },
      'recipient',
    ],
  ] as const)('may not be sent %s', (_case, changes, block) => {
    expect(review(changes).block).toBe(block);
  });

  it('may be sent with special characters once they are allowed', () => {
    expect(review({ text: 'ça va', unicode: true })).toMatchObject({ block: null, specialCharacters: ['ç'] });
  });

  it('may not be sent when the record holds no usable number', () => {
    expect(review({}, [aBadNumber('number_invalid', '12')])).toMatchObject({
      block: 'recipient',
      recipient: null,
    });
  });

  it('notices that the chosen number has changed, and takes the new one', () => {
    const chosen = { property: 'mobilephone', number: '+33600000000' };
    expect(review({ recipient: chosen })).toMatchObject({
      block: null,
      recipientState: 'changed',
      recipient: { number: '+33612345678' },
    });
  });

  it('does not fall back to another number when the chosen one is gone', () => {
    const held = [aNumber({ property: 'phone' })];
    const gone = review({ recipient: { property: 'mobilephone', number: '+33612345678' } }, held);
    expect(gone).toMatchObject({ recipientState: 'gone', recipient: null, block: 'recipient' });
  });

  it('counts the STOP mention for marketing with a custom sender only', () => {
    const text = 'a'.repeat(150);
    expect(review({ text, pushType: 'marketing', customSender: true, sender: 'LUMEN' })).toMatchObject({
      stopUnits: 16,
      segments: { parts: 2 },
    });
    expect(review({ text, pushType: 'marketing' })).toMatchObject({ stopUnits: 0, segments: { parts: 1 } });
    expect(review({ text, customSender: true, sender: 'LUMEN' })).toMatchObject({ stopUnits: 0 });
  });

  it('counts nothing before something is written', () => {
    const empty = review({ text: '', pushType: 'marketing', customSender: true, sender: 'LUMEN' });
    expect(empty).toMatchObject({ stopUnits: 0, segments: { parts: 0, units: 0 } });
  });

  it.each(['LUMEN', 'abc', 'Shop24', '3Suisses', 'ABCDEFGHIJK'])('accepts the sender %s', (sender) => {
    expect(isValidSender(sender)).toBe(true);
  });

  it.each(['AB', 'ABCDEFGHIJKL', '36035', 'L UMEN', 'Éclair', 'A-B-C', ''])(
    'refuses the sender "%s"',
    (sender) => {
      expect(isValidSender(sender)).toBe(false);
    },
  );
});

describe('the idempotency key', () => {
  const content: Content = {
    object_type_id: '0-1',
    object_id: '501',
    property: 'mobilephone',
    recipient: '+33612345678',
    push_type: 'alert',
    sender: null,
    unicode: false,
    text: 'Bonjour',
  };
  const first = attemptFor(null, content);

  it('is a UUID, another one for every first attempt', () => {
    expect(first.key).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(attemptFor(null, content).key).not.toBe(first.key);
  });

  it('stays with the same content', () => {
    expect(attemptFor(first, { ...content })).toBe(first);
  });

  it.each(Object.entries({ text: 'Bonsoir', recipient: '+33600000000', unicode: true, sender: 'LUMEN' }))(
    'changes with %s',
    (name, value) => {
      expect(attemptFor(first, { ...content, [name]: value }).key).not.toBe(first.key);
    },
  );
});

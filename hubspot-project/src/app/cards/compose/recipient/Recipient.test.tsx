/** Recipients: the numbers of a deal's people, opted-out people, and the notes shown before writing. */
import { ApiError, type CardData, type PhoneNumber } from '@connector/api';
import { aBadNumber, aCard, aNumber } from '@connector/api/testing';
import { Accordion, Alert, LoadingButton, PanelFooter } from '@hubspot/ui-extensions';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openComposer } from '../testing/driver';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const camille = aNumber({ owner_name: 'Camille Moreau' });
const hugo = aNumber({ object_id: '502', owner_name: 'Hugo Lefèvre', recipient: '+33698765432' });

function withNumber(
  changes: Partial<PhoneNumber>,
  card: Partial<CardData> = {},
  language: 'fr' | 'en' = 'fr',
) {
  return openComposer({ card: aCard({ numbers: [aNumber(changes)], ...card }), language });
}

describe('the recipient of a deal', () => {
  it('is chosen among its people’s numbers, each with its owner', async () => {
    const unusable = { ...aBadNumber('number_not_mobile', '01 23 45 67 89'), owner_name: 'Lumen SARL' };
    const numbers = [camille, hugo, unusable];
    const view = await openComposer({ card: aCard({ numbers }), objectTypeId: '0-3', language: 'en' });
    const { options, description } = view.select('recipient');
    expect(options.map(({ label }: { label: string }) => label)).toEqual([
      'Camille Moreau, Mobile phone number: +33\u00a06\u00a012\u00a034\u00a056\u00a078',
      'Hugo Lefèvre, Mobile phone number: +33\u00a06\u00a098\u00a076\u00a054\u00a032',
    ]);
    expect(description).toContain('Lumen SARL, Phone number: 01 23 45 67 89');
    view.choose('recipient', '0-1/502/mobilephone');
    view.write('Bonjour');
    await view.previewed();
    expect(view.api.previews.asked[0]).toMatchObject({
      ...{ object_type_id: '0-3', object_id: '501', number_object_type_id: '0-1', number_object_id: '502' },
      recipient: '+33698765432',
    });
  });
});

describe('a number with two readings', () => {
  const raw = '079 123 45 67';
  const swiss = aNumber({ raw, recipient: '+41791234567', country: 'CH', is_ambiguous: true });
  const french = aNumber({ raw, recipient: '+33791234567', country: 'FR', is_ambiguous: true });

  it('is chosen by the user, never for them', async () => {
    const view = await openComposer({ card: aCard({ numbers: [swiss, french] }) });
    view.write('Bonjour');
    expect(view.select('recipient')).toMatchObject({ value: undefined, error: true });
    expect(view.select('recipient').validationMessage).toContain('deux pays');
    expect(view.sendButton().props.disabled).toBe(true);
    expect(view.select('recipient').options.map(({ label }: { label: string }) => label)).toEqual([
      'Numéro de téléphone portable\u00a0: +41791234567 (Suisse)',
      'Numéro de téléphone portable\u00a0: +33\u00a07\u00a091\u00a023\u00a045\u00a067 (France)',
    ]);
    view.choose('recipient', '0-1/501/mobilephone/+41791234567');
    await view.previewed();
    expect(view.api.previews.asked).toHaveLength(1);
    expect(view.api.previews.asked[0]).toMatchObject({ property: 'mobilephone', recipient: '+41791234567' });
    expect(view.sendButton().props.disabled).toBe(false);
  });

  it('is not suggested where another number is sure', async () => {
    const sure = aNumber({ property: 'phone', recipient: '+33612345678' });
    const view = await openComposer({ card: aCard({ numbers: [swiss, french, sure] }) });
    expect(view.select('recipient').value).toBe('0-1/501/phone');
  });
});

describe('a number worth a word', () => {
  it.each([
    [
      'of another country',
      { is_foreign: true, country: 'BE' },
      'Numéro d’un autre pays ou territoire (Belgique)',
    ],
    [
      'of no country',
      { is_foreign: true, country: '001' },
      'Numéro d’un autre pays ou territoire (un autre pays)',
    ],
    ['of a landline', { kind: 'fixed' }, 'C’est une ligne fixe'],
    ['that is unassigned', { is_npai: true }, 'ce numéro n’est plus attribué'],
  ] as const)('%s has one before anything is sent', async (_case, changes, words) => {
    const view = await withNumber(changes);
    expect(view.seen()).toContain(words);
    view.write('Bonjour');
    await view.previewed();
    expect(view.sendButton().props.disabled).toBe(false);
  });

  it('is marked beside the number', async () => {
    const seen = async (changes: Partial<PhoneNumber>) => (await withNumber(changes)).seen();
    expect(await seen({ is_opted_out: true })).toContain('– Désabonné (STOP)');
    expect(await seen({ is_npai: true })).toContain('– Numéro non attribué');
  });
});

describe('someone who opted out', () => {
  it('gets no marketing', async () => {
    const view = await withNumber({ is_opted_out: true }, { alert_rule: 'allow' });
    view.write('Bonjour');
    expect(view.panel().find(Alert).text).toContain('Votre compte HubSpot permet de lui envoyer des alertes');
    await view.previewed();
    expect(view.sendButton().props.disabled).toBe(false);
    view.pick('push_type', 'marketing');
    await view.previewed();
    expect(view.panel().find(Alert).text).toContain('Aucun SMS marketing ne peut lui être envoyé');
    expect(view.panel().find(PanelFooter).maybeFind(LoadingButton)).toBeNull();
    expect(view.seen()).toContain('Cette personne ne veut plus de SMS\u00a0: l’envoi est bloqué.');
  });

  it('gets no alert either where the portal says so, and who can change that is said', async () => {
    const view = await withNumber({ is_opted_out: true }, {}, 'en');
    view.write('Hello');
    await view.previewed();
    expect(view.panel().find(Alert).text).toContain('your HubSpot account blocks alerts as well');
    expect(view.panel().find(Alert).text).toContain('ask an administrator of the app');
    expect(view.panel().maybeFind(Accordion, (each) => each.props.title === 'Record new consent')).toBeNull();
    expect(view.panel().find(PanelFooter).maybeFind(LoadingButton)).toBeNull();
    expect(view.api.previews.asked).toHaveLength(0);
  });
});

describe('a new agreement', () => {
  const right = { may_record_consent: true };
  const reason = (view: Awaited<ReturnType<typeof openComposer>>, text: string) =>
    view.field('TextArea', 'consent_reason').trigger('onInput', text as never);

  it('is recorded with its reason, and the card is read again', async () => {
    const view = await withNumber({ is_opted_out: true }, right);
    view.write('Bonjour');
    reason(view, ' a ');
    expect(view.button('Enregistrer l’accord').props.disabled).toBe(true);
    reason(view, ' demandé au téléphone ');
    view.api.consents.willAnswer(null);
    view.api.cards.willAnswer(aCard());
    await view.press('Enregistrer l’accord');
    expect(view.api.consents.asked).toEqual([
      { object_type_id: '0-1', object_id: '501', recipient: '+33612345678', reason: 'demandé au téléphone' },
    ]);
    expect(view.alerts()[0]).toMatchObject({ type: 'success' });
    expect(view.panel().maybeFind(Alert)).toBeNull();
    await view.previewed();
    expect(view.sendButton().props.disabled).toBe(false);
  });

  it.each([
    ['consent_not_removed', 'L’accord n’a pas été enregistré', 'n’a pas retiré ce numéro de sa liste STOP'],
    ['forbidden', 'L’accord n’a pas été enregistré', 'Rien n’a été modifié ni envoyé'],
    ['unreachable', 'L’enregistrement n’est pas confirmé', 'nous ne savons pas si l’accord a été enregistré'],
  ])('that meets %s keeps the reason and says what to do', async (code, title, words) => {
    const view = await withNumber({ is_opted_out: true }, right);
    reason(view, 'demandé au téléphone');
    view.api.consents.willAnswer(new ApiError(code));
    await view.press('Enregistrer l’accord');
    const alert = view.panel().find(Alert, { title });
    expect(alert.text).toContain(words);
    expect(view.field('TextArea', 'consent_reason').props.value).toBe('demandé au téléphone');
  });
});

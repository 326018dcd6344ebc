/** The card's texts about the record's numbers and about unread replies. */
import { ApiError } from '@connector/api';
import {
  aBadNumber,
  aCard,
  aMessage,
  aNumber,
  aPhoneProperty,
  pending,
  renderer,
  settled,
} from '@connector/api/testing';
import {
  Alert,
  Button,
  Dropdown,
  LoadingButton,
  LoadingSpinner,
  StatusTag,
  TextArea,
  Tile,
} from '@hubspot/ui-extensions';
import { describe, expect, it, vi } from 'vitest';
import { Card } from './Card';

async function opened(card = aCard(), language: 'fr' | 'en' = 'fr') {
  const view = renderer('crm.record.sidebar', language);
  view.api.cards.willAnswer(card);
  view.render(<Card />);
  await view.waitFor(() => expect(view.maybeFind(LoadingSpinner)).toBeNull());
  return { ...view, tags: () => view.findAll(StatusTag).map(({ text }) => text) };
}

describe('numbers', () => {
  it('are not repeated on their owner’s own record when all is well', async () => {
    const view = await opened();
    expect(view.tags()).toEqual([]);
    expect(view.seen().match(/portable/g)).toHaveLength(1); // in the composer
  });

  it('of a deal are listed with whose they are', async () => {
    const numbers = [
      aNumber({ owner_name: 'Camille Moreau' }),
      aNumber({ object_id: '502', owner_name: 'Hugo Lefèvre', property: 'phone', is_opted_out: true }),
    ];
    const view = await opened(aCard({ numbers }), 'en');
    expect(view.seen()).toContain('Camille Moreau: +33');
    expect(view.seen()).toContain('Hugo Lefèvre: +33');
    expect(view.tags()).toEqual(['Opted out (STOP)']);
  });

  it('wear a badge when their owner opted out or they are nobody’s', async () => {
    const view = await opened(aCard({ numbers: [aNumber({ is_opted_out: true, is_npai: true })] }));
    expect(view.tags()).toEqual(['Désabonné (STOP)', 'Numéro non attribué']);
    expect(view.maybeFind(Button, { variant: 'primary' })).toBeNull();
  });

  it.each([
    ['opted out', { is_opted_out: true }, {}, 'Cette personne ne veut plus de SMS'],
    ['opted out, alerts allowed', { is_opted_out: true }, { alert_rule: 'allow' as const }, null],
    ['unassigned', { is_npai: true }, {}, 'Ce numéro n’est sans doute plus attribué'],
  ])('%s: the reason, and no primary button', async (_case, number, rules, title) => {
    const view = await opened(aCard({ numbers: [aNumber(number)], ...rules }));
    if (title) expect(view.find(Alert, { title }).text).not.toBe('');
    else expect(view.maybeFind(Alert, { title: 'Cette personne ne veut plus de SMS' })).toBeNull();
    expect(view.maybeFind(Button, { variant: 'primary' }) === null).toBe(title !== null);
  });

  it('that are opted out do not hide another one that can be texted', async () => {
    const other = aNumber({ property: 'phone', recipient: '+33612345611' });
    const view = await opened(aCard({ numbers: [aNumber({ is_opted_out: true }), other] }));
    expect(view.find(Button, { variant: 'primary' }).text).toBe('Envoyer un SMS');
  });

  it('are shortened when they are many, until the reader asks for all', async () => {
    const numbers = ['1', '2', '3', '4', '5'].map((id) =>
      aNumber({ object_id: id, owner_name: `Client ${id}` }),
    );
    const view = await opened(aCard({ numbers }));
    const listed = () => view.seen().split('Derniers messages')[0]?.split('Envoyer un SMS').at(-1);
    expect(listed()).not.toContain('Client 4');
    view.find(Button, (button) => button.text === 'Afficher 2 autres numéros').trigger('onClick');
    expect(listed()).toContain('Client 5');
  });
});

describe('phone properties', () => {
  it('names the properties that count when none has a number', async () => {
    const portablePro = aPhoneProperty({ name: 'portable_pro', label: 'Portable pro' });
    const view = await opened(aCard({ numbers: [], phone_properties: [portablePro] }), 'en');
    expect(view.seen()).toContain('Property that counts: Portable pro.');
    const others = await opened(aCard({ numbers: [] }));
    expect(others.seen()).toContain(
      'Propriétés prises en compte\u00a0: Numéro de téléphone portable et Numéro de téléphone.',
    );
  });

  it('tells where a deal takes its numbers from', async () => {
    const view = renderer('crm.record.sidebar');
    Object.assign(view.mocks.context.crm, { objectTypeId: '0-3' });
    const ofCompanies = aPhoneProperty({ object_type_id: '0-2', name: 'standard', label: 'Standard' });
    const phone_properties = [aPhoneProperty(), ofCompanies];
    view.api.cards.willAnswer(aCard({ numbers: [], phone_properties }));
    view.render(<Card />);
    await view.waitFor(() => expect(view.seen()).toContain('Associez à cette transaction'));
    const counted = 'Numéro de téléphone portable pour un contact, Standard pour une entreprise.';
    expect(view.seen()).toContain(counted);
    expect(view.mocks.actions.onCrmPropertiesUpdate.callCount).toBe(0);
  });

  it.each([
    ['0-1', 'Corrigez le numéro sur la fiche pour envoyer un SMS'],
    ['0-3', 'Corrigez le numéro sur la fiche de la personne ou de l’entreprise'],
  ])(
    'says on a record of %s where a number that cannot be used is corrected',
    async (objectTypeId, where) => {
      const view = renderer('crm.record.sidebar');
      Object.assign(view.mocks.context.crm, { objectTypeId });
      view.api.cards.willAnswer(aCard({ numbers: [aBadNumber('number_invalid', '06 12')] }));
      view.render(<Card />);
      await view.waitFor(() => expect(view.seen()).toContain(where));
    },
  );

  it('says so when not all numbers fit', async () => {
    const view = await opened(aCard({ numbers_left_out: 3 }));
    expect(view.seen()).toContain('Tous les numéros ne tiennent pas ici.');
    expect((await opened(aCard())).seen()).not.toContain('Tous les numéros');
  });

  it('does not fill the sidebar with numbers that cannot be used', async () => {
    const numbers = Array.from({ length: 9 }, (_, n) => ({
      ...aBadNumber('number_invalid', `1${n}`),
      owner_name: `Client ${n}`,
    }));
    const view = await opened(aCard({ numbers }));
    expect(view.seen()).toContain('Client 5');
    expect(view.seen()).not.toContain('Client 6');
    expect(view.seen()).toContain('3 autres');
  });

  it('follows the record’s phone numbers when they are changed on the page', async () => {
    const view = await opened(aCard({ numbers: [] }));
    const subscription = view.mocks.actions.onCrmPropertiesUpdate;
    await vi.waitFor(() => expect(subscription.calls[0]?.[0]).toContain('mobilephone'));
    view.api.cards.willAnswer(aCard({ numbers: [aNumber()] }));
    subscription.calls[0]?.[1]({});
    await view.waitFor(() => expect(view.seen()).toContain('Envoyer un SMS'));
  });

  it('follows the properties that count, also while they are empty, each once', async () => {
    const own = (name: string) => aPhoneProperty({ name, label: name });
    const others = aPhoneProperty({ object_type_id: '0-2', name: 'standard' });
    const first = aCard({ numbers: [], phone_properties: [own('portable_pro'), others] });
    const view = await opened(first);
    const { calls } = view.mocks.actions.onCrmPropertiesUpdate;
    const followed = () => calls.map(([names]) => names);
    await vi.waitFor(() => expect(followed()).toEqual([['portable_pro']]));
    const phone_properties = [own('portable_pro'), own('numero_vip')];
    view.api.cards.willAnswer(aCard({ phone_properties }));
    calls[0]?.[1]({});
    await vi.waitFor(() => expect(followed()).toEqual([['portable_pro'], ['numero_vip']]));
  });

  it('follows what it knows where the backend does not tell what counts', async () => {
    const numbers = [aNumber({ property: 'numero_vip' })];
    const view = await opened(aCard({ numbers, phone_properties: [] }));
    const { calls } = view.mocks.actions.onCrmPropertiesUpdate;
    const known = ['hs_whatsapp_phone_number', 'mobilephone', 'numero_vip', 'phone'];
    await vi.waitFor(() => expect(calls[0]?.[0]).toEqual(known));
  });

  it('shows the portal’s own phone property by its label', async () => {
    const numbers = [aNumber({ property: 'portable_pro', property_label: 'Portable pro', is_npai: true })];
    const view = await opened(aCard({ numbers }));
    expect(view.seen().match(/Portable pro\u00a0: \+33/g)).toHaveLength(2); // on the card, and in the composer
    expect(view.seen()).not.toContain('portable_pro');
  });
});

describe('a new agreement', () => {
  const optedOut = aNumber({ is_opted_out: true });
  const title = 'Enregistrer un nouvel accord';
  const offers = (view: Awaited<ReturnType<typeof opened>>) =>
    view.findAll(Dropdown.ButtonItem).filter(({ text }) => text === title);

  it('is recorded from the card, also without the right to send', async () => {
    const view = await opened(aCard({ numbers: [optedOut], may_send: false, may_record_consent: true }));
    const offer = () => view.find(Dropdown.ButtonItem, ({ text }) => text === title);
    expect(view.maybeFind(TextArea)).toBeNull();
    offer().trigger('onClick');
    view.find(TextArea, { name: 'consent_reason' }).trigger('onInput', 'au téléphone' as never);
    view.api.consents.willAnswer(null);
    view.api.cards.willAnswer(aCard({ may_send: false, may_record_consent: true }));
    view.find(LoadingButton, ({ text }) => text === 'Enregistrer l’accord').trigger('onClick');
    await view.waitFor(() => expect(view.tags()).toEqual([]));
    expect(view.api.consents.asked).toEqual([
      { object_type_id: '0-1', object_id: '123', recipient: '+33612345678', reason: 'au téléphone' },
    ]);
    expect(offers(view)).toEqual([]);
  });

  it('can be left alone', async () => {
    const view = await opened(aCard({ numbers: [optedOut], may_send: false, may_record_consent: true }));
    view.find(Dropdown.ButtonItem, ({ text }) => text === title).trigger('onClick');
    view.find(Button, ({ text }) => text === 'Annuler').trigger('onClick');
    expect(view.maybeFind(TextArea)).toBeNull();
  });

  it.each([
    ['without the right', aCard({ numbers: [optedOut] })],
    [
      'where nobody has opted out',
      aCard({ may_record_consent: true, numbers: [aNumber({ is_npai: true })] }),
    ],
  ])('is not offered %s', async (_case, card) => {
    expect(offers(await opened(card))).toEqual([]);
  });
});

describe('unread replies', () => {
  const reply = aMessage({ direction: 'inbound', text: 'Merci !' });

  it('wear a badge until someone marks them as read', async () => {
    const view = await opened(aCard({ unread_count: 2, messages: [reply] }));
    expect(view.tags()).toContain('2 réponses non lues');
    expect(view.find(Tile).text ?? view.seen()).toContain('SMS reçu');
    const call = pending<null>();
    view.api.reads.willAnswer(call.answer);
    view.find(LoadingButton, (button) => button.text === 'Marquer comme lu').trigger('onClick');
    expect(view.find(LoadingButton, (button) => button.text === 'Marquer comme lu').props.loading).toBe(true);
    call.give(null);
    await view.waitFor(() => expect(view.tags()).not.toContain('2 réponses non lues'));
    expect(view.api.reads.asked).toEqual([{ object_type_id: '0-1', object_id: '123' }]);
    expect(view.seen()).toContain('Merci !');
  });

  it('stay when that fails, and the reader is told', async () => {
    const view = await opened(aCard({ unread_count: 1, messages: [reply] }), 'en');
    view.api.reads.willAnswer(new ApiError('unreachable'));
    view.find(LoadingButton, (button) => button.text === 'Mark as read').trigger('onClick');
    await view.waitFor(() => expect(view.mocks.actions.addAlert.callCount).toBe(1));
    expect(view.mocks.actions.addAlert.calls[0]?.[0]).toMatchObject({ title: 'The replies stay unread' });
    await settled();
    expect(view.tags()).toContain('1 unread reply');
  });
});

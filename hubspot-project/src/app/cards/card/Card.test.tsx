/** Every state of the card, in the words the user reads. */
import { ApiError, MESSAGE_STATUSES } from '@connector/api';
import { aBadNumber, aCard, aMessage, renderer } from '@connector/api/testing';
import { Alert, Button, LoadingSpinner, Link, StatisticsItem, StatusTag, Tile } from '@hubspot/ui-extensions';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Card } from './Card';

type Answer = Parameters<ReturnType<typeof renderer<'crm.record.sidebar'>>['api']['cards']['willAnswer']>[0];

async function opened(answer: Answer, language: 'fr' | 'en' = 'fr') {
  const view = renderer('crm.record.sidebar', language);
  view.api.cards.willAnswer(answer);
  view.render(<Card />);
  await view.waitFor(() => expect(view.maybeFind(LoadingSpinner)).toBeNull());
  return view;
}

function figures(view: Awaited<ReturnType<typeof opened>>): string[] {
  return view.findAll(StatisticsItem).map(({ props }) => `${props.label}: ${props.number}`);
}

describe('the card', () => {
  it('asks for its record while it says that it is loading', () => {
    const view = renderer('crm.record.sidebar');
    view.mocks.context.crm.objectId = 501;
    view.api.cards.willAnswer(aCard());
    view.render(<Card />);
    expect(view.find(LoadingSpinner).props.label).toBe('Chargement des SMS…');
    expect(view.api.cards.asked).toEqual([{ object_type_id: '0-1', object_id: '501' }]);
  });

  it('shows an error with the way to try again', async () => {
    const view = await opened(new ApiError('hubspot_unavailable'), 'en');
    expect(view.seen()).toContain('HubSpot is not answering the app');
    view.api.cards.willAnswer(aCard());
    view.find(Button, (button) => button.text === 'Try again').trigger('onClick');
    await view.waitFor(() => expect(view.seen()).toContain('Send an SMS'));
  });

  it('shows the count, the credits and the button', async () => {
    const view = await opened(aCard());
    expect(figures(view)).toEqual(['SMS envoyés: 12', 'Crédits restants: 1\u202f249']);
    expect(view.find(Button, { variant: 'primary' }).text).toBe('Envoyer un SMS');
    expect(view.seen()).toContain('Aucun SMS échangé avec cette fiche');
  });

  it('says that credits of a monthly account are consumed, not left', async () => {
    const account = {
      ...aCard().account,
      balance: { mode: 'postpaid', value: 310, at: '2026-11-23T13:00:00Z' } as const,
    };
    const view = await opened(aCard({ account }));
    expect(figures(view)[1]).toBe('Crédits consommés ce mois: 310');
  });

  it('shows an unlimited account without a figure', async () => {
    const account = {
      ...aCard().account,
      balance: { mode: 'unlimited', value: null, at: '2026-11-23T13:00:00Z' } as const,
    };
    expect(figures(await opened(aCard({ account })))[1]).toBe('Crédits: Illimités');
  });

  it('does not take an unknown balance for none, and still sends', async () => {
    const view = await opened(aCard({ account: { ...aCard().account, balance: null } }));
    expect(figures(view)[1]).toBe('Crédits: —');
    expect(view.seen()).toContain('SMSFactor ne communique pas le solde');
    expect(view.find(Button, { variant: 'primary' }).text).toBe('Envoyer un SMS');
  });

  it('leads to the settings when no account is linked', async () => {
    const account = { state: 'not_linked', balance: null, problem: null } as const;
    const card = aCard({ account });
    const view = await opened(card);
    expect(view.seen()).toContain('Aucun compte SMSFactor lié');
    expect(view.find(Button).props.href).toBe(card.settings_url);
    expect(view.seen()).not.toContain('Envoyer un SMS');
    expect(view.maybeFind(Alert)).toBeNull();
  });

  it.each([
    { numbers: [] },
    { numbers: [aBadNumber('number_missing', null)] },
    { numbers: [aBadNumber('number_missing', ' ')] },
  ])('says that there is no number to send to', async ({ numbers }) => {
    const view = await opened(aCard({ numbers }));
    expect(view.find(Alert).props.title).toBe('Aucun numéro de téléphone');
    expect(view.maybeFind(Button)).toBeNull();
  });

  it('says of every number why it cannot receive SMS', async () => {
    const numbers = [
      aBadNumber('number_not_mobile', '01 23 45 67 89'),
      aBadNumber('number_invalid', '12', 'mobilephone'),
    ];
    const view = await opened(aCard({ numbers }));
    expect(view.find(Alert).props.title).toBe('Aucun de ces numéros ne peut recevoir de SMS');
    expect(view.seen()).toContain('Numéro de téléphone\u00a0: 01 23 45 67 89 (pas un numéro de mobile)');
    expect(view.seen()).toContain('Numéro de téléphone portable\u00a0: 12 (numéro incorrect)');
    expect(view.maybeFind(Button)).toBeNull();
  });

  it('says that this user may not send, and still shows what was sent', async () => {
    const view = await opened(aCard({ may_send: false, messages: [aMessage()] }));
    expect(view.find(Alert).props.title).toBe('Vous ne pouvez pas envoyer de SMS');
    expect(view.maybeFind(Button)).toBeNull();
    expect(view.seen()).toContain('Votre commande est arrivee');
  });

  it('shows a problem of the account with the way to the settings', async () => {
    const account = { ...aCard().account, problem: { code: 'token_refused', params: {} } };
    const view = await opened(aCard({ account }), 'en');
    expect(view.find(Alert).props).toMatchObject({
      title: 'The SMSFactor account needs attention',
      variant: 'warning',
    });
    expect(view.find(Alert).find(Link).props.href).toBe(aCard().settings_url);
  });

  it.each([
    ['gateway_auth', 'SMSFactor no longer accepts the linked account’s API token.'],
    ['gateway_no_credits', 'The SMSFactor account does not have enough credits'],
    ['problem_of_2030', 'problem_of_2030'],
  ])('says of %s what an administrator must do', async (code, what) => {
    const account = { ...aCard().account, problem: { code, params: {} } };
    expect((await opened(aCard({ account }), 'en')).find(Alert).text).toContain(what);
  });

  it.each([
    ['fr', 'gateway_no_credits', 'Le compte SMSFactor demande votre attention'],
    ['fr', 'timeline_refused', 'Le lien avec HubSpot demande votre attention'],
    ['en', 'hubspot_scope_missing', 'The link with HubSpot needs attention'],
    ['en', 'property_unusable', 'The link with HubSpot needs attention'],
    ['en', 'callbacks_expired', 'The link with HubSpot needs attention'],
    ['fr', 'problem_of_2030', 'L’application demande votre attention'],
    ['en', 'problem_of_2030', 'The app needs attention'],
  ] as const)('says in %s of %s whose it is', async (language, code, title) => {
    const account = { ...aCard().account, problem: { code, params: { names: ['a'], count: 3 } } };
    expect((await opened(aCard({ account }), language)).find(Alert).props.title).toBe(title);
  });
});

describe('a message', () => {
  it('shows date, number, status and text; its title leads to the report', async () => {
    const view = await opened(aCard({ messages: [aMessage()] }));
    expect(view.find(Link).text).toBe('SMS envoyé');
    expect(view.find(Link).props.href).toEqual({
      url: 'https://platform.example/report/4021',
      external: true,
    });
    expect(view.find(StatusTag)).toMatchObject({ text: 'Délivré', props: { variant: 'success' } });
    expect(view.seen()).toContain('23 nov. 2026, 14:05 · au +33\u00a06\u00a012\u00a034\u00a056\u00a078');
    expect(view.seen()).toContain('Votre commande est arrivee');
  });

  it('says whom it went to where that is not the record itself', async () => {
    const view = await opened(aCard({ messages: [aMessage({ person_name: 'Camille Moreau' })] }));
    expect(view.seen()).toContain('au +33\u00a06\u00a012\u00a034\u00a056\u00a078 (Camille Moreau)');
  });

  it('has no link before there is a report', async () => {
    const view = await opened(aCard({ messages: [aMessage({ report_url: null })] }));
    expect(view.maybeFind(Link)).toBeNull();
    expect(view.seen()).toContain('SMS envoyé');
  });

  it('looks different when it was received', async () => {
    const view = await opened(aCard({ messages: [aMessage({ direction: 'inbound', text: 'Merci !' })] }));
    expect(view.find(Tile).text).toBeNull();
    expect(view.seen()).toContain('SMS reçu');
    expect(view.seen()).toContain('du +33\u00a06');
    expect(view.maybeFind(Link)).toBeNull();
  });

  it('says why it did not leave, and that nothing was charged', async () => {
    const message = aMessage({ status: 'refused', reason: 'gateway_no_credits', report_url: null });
    const view = await opened(aCard({ messages: [message] }), 'en');
    expect(view.seen()).toContain('SMS not sent');
    const why = 'The SMSFactor account does not have enough credits. The SMS was not sent or charged.';
    expect(view.seen()).toContain(why);
  });

  it('warns against sending again while nobody knows whether it left', async () => {
    const view = await opened(aCard({ messages: [aMessage({ status: 'unknown', final: true })] }), 'en');
    expect(view.find(StatusTag)).toMatchObject({ text: 'Uncertain', props: { variant: 'warning' } });
    expect(view.seen()).toContain('Do not send it again until this changes.');
  });

  it('shows moderation as waiting, not as an error', async () => {
    const view = await opened(aCard({ messages: [aMessage({ status: 'moderated', final: true })] }));
    expect(view.find(StatusTag).props.variant).toBe('info');
    expect(view.seen()).toContain('SMSFactor vérifie à la main');
  });

  it.each([...MESSAGE_STATUSES, 'other'] as const)('has a tag for %s in both languages', async (status) => {
    const card = aCard({ messages: [aMessage({ status, final: true })] });
    const texts = [
      (await opened(card, 'fr')).find(StatusTag).text,
      (await opened(card, 'en')).find(StatusTag).text,
    ];
    for (const text of texts) expect(text).not.toContain('status.');
    expect(texts[0]).toBeTruthy();
    expect(texts[1]).toBeTruthy();
  });

  it('is shortened when it is long, until the reader asks for all of it', async () => {
    const view = await opened(aCard({ messages: [aMessage({ text: `${'a'.repeat(300)}FIN` })] }));
    expect(view.seen()).not.toContain('FIN');
    view.find(Button, (button) => button.text === 'Tout afficher').trigger('onClick');
    expect(view.seen()).toContain('FIN');
    expect(view.seen()).toContain('Réduire');
  });
});

describe('statuses', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('move without a reload, and are no longer asked for once final', async () => {
    const view = renderer('crm.record.sidebar');
    const message = (status: 'queued' | 'accepted' | 'delivered') =>
      aMessage({ status, final: status === 'delivered' });
    const cards = (['queued', 'accepted', 'delivered'] as const).map((status) =>
      aCard({ messages: [message(status)] }),
    );
    view.api.cards.willAnswer(...cards);
    const steps = ['queued', 'accepted', 'accepted', 'delivered'] as const;
    view.api.messages.willAnswer(...steps.map((status) => [message(status)]));
    view.render(<Card />);
    await vi.advanceTimersByTimeAsync(0);
    expect(view.find(StatusTag).text).toBe('En attente d’envoi');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(view.find(StatusTag).text).toBe('En attente d’envoi');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(view.find(StatusTag).text).toBe('Envoyé');
    await vi.advanceTimersByTimeAsync(4_000);
    expect(view.find(StatusTag).text).toBe('Délivré');
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(view.api.messages.asked).toHaveLength(4);
    // Opening the card reads the record in HubSpot, so it happens only after a status change.
    expect(view.api.cards.asked).toHaveLength(3);
  });

  it('are asked for again when only the reason has changed', async () => {
    const view = renderer('crm.record.sidebar', 'en');
    const waiting = (reason: string | null) => aMessage({ status: 'queued', reason, final: false });
    view.api.cards.willAnswer(
      ...[null, 'gateway_unreachable'].map((reason) => aCard({ messages: [waiting(reason)] })),
    );
    view.api.messages.willAnswer([waiting('gateway_unreachable')]);
    view.render(<Card />);
    await vi.advanceTimersByTimeAsync(0);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(view.seen()).toContain('SMSFactor cannot be reached.');
  });

  it('stay in view while the backend is away, and move on when it is back', async () => {
    const view = renderer('crm.record.sidebar', 'en');
    const underWay = aCard({ messages: [aMessage({ status: 'accepted', final: false })] });
    view.api.cards.willAnswer(underWay, new ApiError('unreachable'), aCard({ messages: [aMessage()] }));
    view.api.messages.willAnswer(new ApiError('unreachable'), [aMessage()]);
    view.render(<Card />);
    await vi.advanceTimersByTimeAsync(0);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(view.find(StatusTag).text).toBe('Sent');
    expect(view.seen()).toContain('The last refresh failed');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(view.find(StatusTag).text).toBe('Delivered');
    expect(view.seen()).not.toContain('The last refresh failed');
  });
});

/** Scheduled messages: the time they leave, and their cancellation. */
import { ApiError, type Message } from '@connector/api';
import { aCard, aMessage, aScheduled, pending, renderer } from '@connector/api/testing';
import { Button, LoadingButton, StatusTag } from '@hubspot/ui-extensions';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Card } from './Card';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ASK = { fr: 'Annuler l’envoi', en: 'Cancel this SMS' };
const CONFIRM = { fr: 'Oui, annuler l’envoi', en: 'Yes, cancel it' };

async function opened(card = aCard({ scheduled: [aScheduled()] }), language: 'fr' | 'en' = 'fr') {
  const view = renderer('crm.record.sidebar', language);
  view.api.cards.willAnswer(card);
  view.api.messages.willAnswer([]);
  view.render(<Card />);
  const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
  await settle();
  const button = (text: string) => view.find(Button, (each) => each.text === text);
  const confirm = () => view.find(LoadingButton, (each) => each.text === CONFIRM[language]);
  return {
    ...view,
    settle,
    button,
    confirm,
    cancel: async () => {
      button(ASK[language]).trigger('onClick');
      confirm().trigger('onClick');
      await settle();
    },
    alert: () => view.mocks.actions.addAlert.calls[0]?.[0],
  };
}

describe('a scheduled message', () => {
  it('says when it leaves, to whom, and what it says', async () => {
    const later = aScheduled({ id: 'later', due_at: '2026-11-25T07:00:00Z', text: 'Plus tard' });
    const view = await opened(aCard({ scheduled: [aScheduled({ person_name: 'Camille Moreau' }), later] }));
    expect(view.seen()).toContain('2 SMS programmés');
    expect(view.seen()).toContain('Partira le mardi 24 novembre 2026 à 08:00');
    expect(view.seen()).toContain('Au +33\u00a06\u00a012\u00a034\u00a056\u00a078 (Camille Moreau)');
    expect(view.seen()).toContain('Plus tard');
  });

  it('is one of more than the card lists: it says so', async () => {
    const view = await opened(aCard({ scheduled: [aScheduled()], scheduled_count: 14 }), 'en');
    expect(view.seen()).toContain('14 scheduled SMS');
    expect(view.seen()).toContain('only the first ones are shown');
  });

  it('is one of more than the backend counts: it does not claim that these are all', async () => {
    const view = await opened(aCard({ scheduled: [aScheduled()], scheduled_count: 100 }), 'en');
    expect(view.seen()).toContain('At least 100 scheduled SMS');
  });

  it('is not listed a second time among the latest messages', async () => {
    const view = await opened(aCard({ scheduled: [aScheduled()], messages: [aScheduled()] }));
    expect(view.seen().match(/Votre commande/g)).toHaveLength(1);
    expect(view.seen()).toContain('Aucun SMS échangé');
  });

  it('moves to the latest messages when it leaves', async () => {
    const view = await opened();
    view.api.messages.willAnswer([aScheduled({ status: 'queued' })]);
    view.api.cards.willAnswer(aCard({ messages: [aMessage({ id: aScheduled().id })] }));
    await view.settle(4_000);
    expect(view.api.messages.asked[0]).toEqual([aScheduled().id]);
    expect(view.find(StatusTag).text).toBe('Délivré');
    expect(view.seen()).not.toContain('Partira le');
  });
});

describe('cancelling', () => {
  it('is not offered to those who may not send', async () => {
    const view = await opened(aCard({ scheduled: [aScheduled()], may_send: false }));
    expect(view.seen()).toContain('Partira le');
    expect(view.seen()).not.toContain(ASK.fr);
  });

  it('makes room for one of those that were not shown', async () => {
    const view = await opened(aCard({ scheduled: [aScheduled()], scheduled_count: 2 }));
    view.api.cancels.willAnswer(aScheduled({ status: 'cancelled', final: true }));
    view.api.cards.willAnswer(aCard({ scheduled: [aScheduled({ id: 'next', text: 'Le suivant' })] }));
    await view.cancel();
    expect(view.seen()).toContain('Le suivant');
  });

  it('asks first', async () => {
    const view = await opened();
    view.button(ASK.fr).trigger('onClick');
    expect(view.seen()).toContain('Annuler cet envoi\u202f?');
    view.button('Non, le garder').trigger('onClick');
    expect(view.seen()).not.toContain('Annuler cet envoi\u202f?');
    expect(view.api.cancels.asked).toEqual([]);
  });

  it('takes the message out of the list, and says that nothing was sent or charged', async () => {
    const view = await opened(undefined, 'en');
    const call = pending<Message>();
    view.api.cancels.willAnswer(call.answer);
    await view.cancel();
    expect(view.confirm().props.loading).toBe(true);
    view.confirm().trigger('onClick');
    call.give(aScheduled({ status: 'cancelled', final: true }));
    await view.settle();
    expect(view.api.cancels.asked).toEqual([aScheduled().id]);
    expect(view.alert()).toMatchObject({ type: 'success', message: expect.stringContaining('was not sent') });
    expect(view.find(StatusTag).text).toBe('Cancelled');
    expect(view.seen()).not.toContain('Sends on');
  });

  it('is offered for a message that waits for credits, and not for one on its way', async () => {
    const waiting = aMessage({ status: 'queued', reason: 'gateway_no_credits', final: false });
    const view = await opened(aCard({ messages: [waiting] }));
    view.api.cancels.willAnswer({ ...waiting, status: 'cancelled', reason: null, final: true });
    await view.cancel();
    expect(view.api.cancels.asked).toEqual([waiting.id]);
    expect(view.find(StatusTag).text).toBe('Annulé');
    const offers = async (changes: Partial<Message>, may_send = true) =>
      (await opened(aCard({ may_send, messages: [{ ...waiting, ...changes }] }))).seen().includes(ASK.fr);
    expect(await offers({})).toBe(true);
    expect(await offers({}, false)).toBe(false);
    expect(await offers({ status: 'sending' })).toBe(false);
    expect(await offers({ status: 'queued', reason: null })).toBe(false);
  });

  it('that comes too late says so, and shows where the message stands', async () => {
    const view = await opened();
    view.api.cancels.willAnswer(new ApiError('message_not_cancellable'));
    view.api.cards.willAnswer(aCard({ messages: [aMessage()] }));
    await view.cancel();
    expect(view.alert()).toMatchObject({
      type: 'danger',
      title: 'L’envoi n’a pas été annulé',
      message: expect.stringContaining('ne peut plus être annulé'),
    });
    expect(view.find(StatusTag).text).toBe('Délivré');
  });

  it('does not claim to know when the answer was lost', async () => {
    const view = await opened(undefined, 'en');
    view.api.cancels.willAnswer(new ApiError('unreachable'));
    await view.cancel();
    expect(view.alert()).toMatchObject({
      type: 'warning',
      title: 'The cancellation is not confirmed',
      message: expect.stringContaining('cannot tell whether the SMS was cancelled'),
    });
    expect(view.seen()).toContain('Sends on');
  });
});

describe('a held message', () => {
  const held = aScheduled({ status: 'held', reason: 'number_gone', recipient: '+33612345699' });
  const card = aCard({ held: [held] });
  const SEND = 'Envoyer au nouveau numéro';

  it('says that its number is gone and that nothing was sent', async () => {
    const view = await opened(card);
    expect(view.seen()).toContain('Le +33\u00a06\u00a012\u00a034\u00a056\u00a099 n’est plus sur la fiche');
    expect(view.seen()).toContain('il n’a été ni envoyé ni facturé');
    expect(view.seen().match(/Votre commande/g)).toHaveLength(1);
  });

  it('goes to the record’s number after the user has confirmed', async () => {
    const view = await opened(card);
    const sent = { ...held, status: 'queued' as const, reason: null, recipient: '+33612345678' };
    view.api.heldSends.willAnswer(sent);
    view.button(SEND).trigger('onClick');
    expect(view.api.heldSends.asked).toHaveLength(0);
    view.find(LoadingButton, (each) => each.text === 'Oui, l’envoyer').trigger('onClick');
    await view.settle();
    expect(view.api.heldSends.asked).toEqual([
      {
        ...{ object_type_id: '0-1', object_id: '123', id: held.id, property: 'mobilephone' },
        ...{ number_object_type_id: '0-1', number_object_id: '501', recipient: '+33612345678' },
      },
    ]);
    expect(view.alert()).toMatchObject({ type: 'success' });
    expect(view.maybeFind(Button, (each) => each.text === SEND)).toBeNull();
  });

  it('that another user has decided says so, and the card is read again', async () => {
    const view = await opened(card);
    view.api.heldSends.willAnswer(new ApiError('message_not_held'));
    view.button(SEND).trigger('onClick');
    view.find(LoadingButton, (each) => each.text === 'Oui, l’envoyer').trigger('onClick');
    await view.settle();
    expect(view.alert()).toMatchObject({ type: 'danger', title: 'Le SMS n’a pas été envoyé' });
    expect(view.api.cards.asked).toHaveLength(2);
  });

  it('is cancelled like a scheduled one, and needs another number to be sent', async () => {
    const view = await opened(aCard({ held: [held], numbers: [] }));
    expect(view.maybeFind(Button, (each) => each.text === SEND)).toBeNull();
    expect(view.seen()).toContain('La fiche n’a pas d’autre numéro utilisable');
    view.api.cancels.willAnswer({ ...held, status: 'cancelled' });
    await view.cancel();
    expect(view.api.cancels.asked).toEqual([held.id]);
  });
});

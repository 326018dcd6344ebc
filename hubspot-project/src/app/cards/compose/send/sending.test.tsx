/** One press is one SMS: the request, its key, and the draft after a failure. */
import { ApiError, type SendResult } from '@connector/api';
import { aCard, aMessage, aNumber, aScheduled, pending } from '@connector/api/testing';
import { Alert, Button, StatusTag } from '@hubspot/ui-extensions';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openComposer, taken } from '../testing/driver';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function written(start: Parameters<typeof openComposer>[0] = {}, text = 'Bonjour') {
  const view = await openComposer(start);
  view.write(text);
  await view.previewed();
  return view;
}

describe('sending', () => {
  it('sends what is in view, closes the panel, says so and shows the message at once', async () => {
    const view = await written();
    view.api.sends.willAnswer(taken());
    view.send();
    await view.settle();
    expect(view.find(StatusTag).text).toBe('En attente d’envoi');
    expect(view.api.sends.asked[0]).toEqual({
      idempotency_key: expect.any(String),
      object_type_id: '0-1',
      object_id: '501',
      property: 'mobilephone',
      number_object_type_id: '0-1',
      number_object_id: '501',
      recipient: '+33612345678',
      push_type: 'alert',
      sender: null,
      unicode: false,
      removes_special: false,
      text: 'Bonjour',
      links: [],
      send_at: null,
      template_id: null,
      may_repeat: false,
    });
    expect(view.mocks.actions.closeOverlay.calls).toEqual([['sms-composer']]);
    expect(view.alerts()[0]).toMatchObject({ type: 'success', title: 'SMS enregistré' });
    expect(view.text().value).toBe('');
  });

  it('lists a message that waits for its time, and says when it leaves', async () => {
    const view = await written();
    view.api.sends.willAnswer({ message: aScheduled(), repeated: false });
    view.send();
    await view.settle();
    expect(view.alerts()[0]).toMatchObject({
      title: 'SMS programmé',
      message: expect.stringContaining('partira le mardi 24 novembre 2026 à 08:00'),
    });
    expect(view.seen()).toContain('Partira le mardi 24 novembre 2026 à 08:00');
    expect(view.maybeFind(StatusTag)).toBeNull();
  });

  it('names the person of a deal at once, as the card will when it is opened again', async () => {
    const numbers = [
      aNumber({ owner_name: 'Camille Moreau' }),
      aNumber({ object_id: '502', recipient: '+33612345679', owner_name: 'Lise Petit' }),
    ];
    const view = await written({ card: aCard({ numbers }), objectTypeId: '0-3' });
    view.api.sends.willAnswer({ message: aScheduled(), repeated: false });
    view.send();
    await view.settle();
    expect(view.seen()).toContain('(Camille Moreau)');
  });

  it('names nobody while two people share the number', async () => {
    const numbers = ['Camille Moreau', 'Lise Petit'].map((owner_name, at) =>
      aNumber({ object_id: `50${at}`, owner_name }),
    );
    const view = await written({ card: aCard({ numbers }), objectTypeId: '0-3' });
    view.api.sends.willAnswer({ message: aScheduled(), repeated: false });
    view.send();
    await view.settle();
    expect(view.seen()).not.toContain('(Camille Moreau)');
  });

  it('reads count and balance again when a repeated attempt had its last status already', async () => {
    const view = await written();
    view.api.cards.willAnswer(aCard({ sent_count: 8 }));
    view.api.sends.willAnswer(taken({ status: 'delivered', final: true }, true));
    view.send();
    await view.settle();
    expect(view.api.cards.asked).toHaveLength(2);
  });

  it('sends once for two clicks', async () => {
    const view = await written();
    const { answer, give } = pending<SendResult>();
    view.api.sends.willAnswer(answer);
    view.send();
    view.send();
    expect(view.sendButton().props.loading).toBe(true);
    expect(view.text().readOnly).toBe(true);
    give(taken());
    await view.settle();
    expect(view.sendButton().props.loading).toBe(false);
    expect(view.api.sends.asked).toHaveLength(1);
  });

  it('keeps the draft and the key when the answer is lost, so that sending again is the same SMS', async () => {
    const view = await written({ language: 'en' });
    view.api.sends.willAnswer(new ApiError('unreachable'), taken({}, true));
    view.send();
    await view.settle();
    expect(view.panel().find(Alert).props.title).toBe('The sending is not confirmed');
    expect(view.panel().find(Alert).text).toContain('the same message is never sent twice');
    expect(view.text().value).toBe('Bonjour');
    expect(view.mocks.actions.closeOverlay.callCount).toBe(0);
    view.send();
    await view.settle();
    expect(new Set(view.keys()).size).toBe(1);
    expect(view.keys()).toHaveLength(2);
    expect(view.alerts()[0]?.message).toContain('not sent a second time');
  });

  it('takes a new key for other content, and for the same content after a success', async () => {
    const view = await openComposer();
    view.api.sends.willAnswer(new ApiError('unreachable'), taken(), taken());
    for (const text of ['Bonjour', 'Bonsoir', 'Bonsoir']) {
      view.opener().trigger('onClick');
      view.write(text);
      await view.previewed();
      view.send();
      await view.settle();
    }
    expect(view.keys()).toHaveLength(3);
    expect(new Set(view.keys()).size).toBe(3);
  });

  it('takes a new key when the old one belongs to another message', async () => {
    const view = await written();
    view.api.sends.willAnswer(new ApiError('key_reused'), taken());
    view.send();
    await view.settle();
    expect(view.panel().maybeFind(Alert)).not.toBeNull();
    view.send();
    await view.settle();
    expect(view.alerts()).toHaveLength(1);
    expect(new Set(view.keys()).size).toBe(2);
  });

  it('says what was refused, reads the record again, and forgets the error when the draft changes', async () => {
    const view = await written();
    view.api.sends.willAnswer(new ApiError('number_changed'));
    view.api.cards.willAnswer(
      aCard({ numbers: [aNumber({ recipient: '+33700000000', raw: '07 00 00 00 00' })] }),
    );
    view.send();
    await view.settle();
    expect(view.panel().find(Alert).props.title).toBe('Le SMS n’a pas été envoyé');
    expect(view.select('recipient').validationMessage).toContain('+33\u00a07\u00a000');
    expect(view.panel().find(Alert).text).toContain('Aucun SMS n’a été envoyé ni facturé.');
    expect(view.text().value).toBe('Bonjour');
    view.write('Bonjour !');
    expect(view.panel().maybeFind(Alert)).toBeNull();
  });

  it('is not a success when the message was stopped before it left', async () => {
    const view = await written({ language: 'en' });
    view.api.sends.willAnswer(taken({ status: 'blocked', reason: 'opted_out', final: true }));
    view.send();
    await view.settle();
    expect(view.alerts()[0]).toMatchObject({
      type: 'danger',
      message: expect.stringContaining('The recipient has opted out of SMS'),
    });
  });
});

describe('an open panel', () => {
  const account = { state: 'not_linked', balance: null, problem: null } as const;

  it.each([
    ['its last number goes', 'number_missing', aCard({ numbers: [] }), 'Aucun numéro de téléphone'],
    ['the account is unlinked', 'account_not_linked', aCard({ account }), 'Aucun compte SMSFactor lié'],
  ])('stays, with what was refused, when %s', async (_case, code, card, notice) => {
    const view = await written();
    view.api.sends.willAnswer(new ApiError(code));
    view.api.cards.willAnswer(card);
    view.send();
    await view.settle();
    expect(view.panel().find(Alert).text).toContain('Aucun SMS n’a été envoyé ni facturé.');
    expect(view.text().value).toBe('Bonjour');
    view.panel().trigger('onClose');
    expect(view.seen()).toContain(notice);
    expect(view.maybeFind(Button, ({ text }) => text === 'Envoyer un SMS')).toBeNull();
  });
});

describe('the draft', () => {
  it('survives the card’s data being renewed, and the panel being closed', async () => {
    const view = await written({}, 'Brouillon');
    view.panel().trigger('onClose');
    view.api.cards.willAnswer(aCard({ sent_count: 99, messages: [aMessage()] }));
    view.mocks.actions.onCrmPropertiesUpdate.calls[0]?.[1]({});
    await view.settle();
    expect(view.seen()).toContain('99');
    view.opener().trigger('onClick');
    expect(view.text().value).toBe('Brouillon');
  });

  it('does not go to another number when the chosen one has vanished', async () => {
    const two = [aNumber(), aNumber({ property: 'phone', recipient: '+33698765432', raw: '0698765432' })];
    const view = await written({ card: aCard({ numbers: two }) });
    view.choose('recipient', '0-1/501/phone');
    view.api.cards.willAnswer(aCard({ numbers: [aNumber()] }));
    view.mocks.actions.onCrmPropertiesUpdate.calls[0]?.[1]({});
    await view.settle();
    expect(view.select('recipient').value).toBeUndefined();
    expect(view.select('recipient').validationMessage).toContain('n’est plus sur la fiche');
    expect(view.sendButton().props.disabled).toBe(true);
  });
});

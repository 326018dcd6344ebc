/** The composer as its user meets it: what is offered, when it sends, and what is left after it failed. */
import { ApiError, type CardData, type SendResult } from '@connector/api';
import { aBadNumber, aCard, aMessage, aNumber, pending, renderer, settled } from '@connector/api/testing';
import {
  Alert,
  Button,
  Input,
  LoadingButton,
  Panel,
  Select,
  StatusTag,
  TextArea,
  Toggle,
  ToggleGroup,
} from '@hubspot/ui-extensions';
import { describe, expect, it } from 'vitest';
import { Card } from '../card/Card';

async function composer(card: CardData = aCard(), language: 'fr' | 'en' = 'fr') {
  const view = renderer('crm.record.sidebar', language);
  view.api.cards.willAnswer(card);
  view.render(<Card />);
  const opener = () => view.find(Button, { variant: 'primary' });
  await view.waitFor(() => opener());
  opener().trigger('onClick');
  const panel = () => {
    const found = opener().props.overlay?.find(Panel);
    if (!found) throw new Error('The button opens no panel.');
    return found;
  };
  return {
    ...view,
    panel,
    write: (text: string) =>
      panel()
        .find(TextArea)
        .trigger('onInput', text as never),
    toggle: (name: string, on = true) =>
      panel()
        .find(Toggle, { name })
        .trigger('onChange', on as never),
    sendButton: () => panel().find(LoadingButton),
    send: () => panel().find(LoadingButton).trigger('onClick'),
    /** The panel's own words. */
    said: () => view.seen(),
    keys: () => view.api.sends.asked.map((command) => command.idempotency_key),
  };
}

function result(changes: Partial<SendResult['message']> = {}, repeated = false): SendResult {
  const message = aMessage({
    id: 'new',
    status: 'queued',
    final: false,
    report_url: null,
    text: 'Bonjour',
    ...changes,
  });
  return { message, repeated };
}

describe('the composer', () => {
  it('explains both push types', async () => {
    const view = await composer();
    const options = view.panel().find(ToggleGroup).props.options;
    expect(options.map(({ label }) => label)).toEqual(['Alerte', 'Marketing']);
    for (const { description } of options) expect(description).toBeTruthy();
  });

  it('offers the numbers that can receive SMS and names the others with the reason', async () => {
    const numbers = [aNumber(), aBadNumber('number_not_mobile', '01 23 45 67 89')];
    const select = (await composer(aCard({ numbers }))).panel().find(Select);
    expect(select.props.options).toEqual([
      {
        value: 'mobilephone',
        label: 'Numéro de téléphone portable\u00a0: +33\u00a06\u00a012\u00a034\u00a056\u00a078',
      },
    ]);
    expect(select.props.value).toBe('mobilephone');
    expect(select.props.description).toContain('01 23 45 67 89 (pas un numéro de mobile)');
  });

  it('cannot send before there is a text', async () => {
    const view = await composer();
    expect(view.sendButton()).toMatchObject({ text: 'Envoyer', props: { disabled: true } });
    expect(view.said()).toContain('Écrivez un message pour envoyer.');
    view.send();
    await settled();
    expect(view.api.sends.asked).toHaveLength(0);
  });

  it('counts every keystroke and shows the number of SMS on the button', async () => {
    const view = await composer();
    view.write('a'.repeat(161));
    expect(view.said()).toContain('161 caractères · GSM-7 · 2 SMS · 145 restants dans ce SMS');
    expect(view.sendButton()).toMatchObject({ text: 'Envoyer 2 SMS', props: { disabled: false } });
  });

  it('says that the STOP mention is counted for marketing with a custom sender', async () => {
    const view = await composer();
    view.write('a'.repeat(150));
    view
      .panel()
      .find(ToggleGroup)
      .trigger('onChange', 'marketing' as never);
    view.toggle('custom_sender');
    view
      .panel()
      .find(Input)
      .trigger('onInput', 'LUMEN' as never);
    expect(view.said()).toContain('Mention STOP ajoutée par SMSFactor comprise (16 caractères).');
    expect(view.sendButton().text).toBe('Envoyer 2 SMS');
  });

  it('names the characters that are in the way until they are allowed', async () => {
    const view = await composer();
    view.write('ça fête');
    expect(view.panel().find(TextArea).props.validationMessage).toContain(
      '«\u00a0ç\u00a0» et «\u00a0ê\u00a0»',
    );
    expect(view.sendButton().props.disabled).toBe(true);
    view.toggle('unicode');
    expect(view.panel().find(TextArea).props.error).toBe(false);
    expect(view.said()).toContain('Unicode à cause de «\u00a0ç\u00a0» et «\u00a0ê\u00a0».');
    expect(view.sendButton()).toMatchObject({ text: 'Envoyer 1 SMS', props: { disabled: false } });
  });

  it('refuses more than ten SMS', async () => {
    const view = await composer();
    view.write('a'.repeat(1531));
    expect(view.panel().find(TextArea).props.validationMessage).toContain(
      '11 SMS\u202f; le maximum est de 10',
    );
    expect(view.sendButton().props.disabled).toBe(true);
  });

  it('warns that nobody can reply to a custom sender, and checks it', async () => {
    const view = await composer();
    view.write('Bonjour');
    view.toggle('custom_sender');
    expect(view.said()).toContain('Personne ne peut répondre à un expéditeur personnalisé.');
    expect(view.sendButton().props.disabled).toBe(true);
    view
      .panel()
      .find(Input)
      .trigger('onInput', '36035' as never);
    expect(view.panel().find(Input).props).toMatchObject({
      error: true,
      validationMessage: 'Ce nom n’est pas valable.',
    });
    view
      .panel()
      .find(Input)
      .trigger('onInput', 'Lumen24' as never);
    expect(view.panel().find(Input).props.error).toBe(false);
    expect(view.sendButton().props.disabled).toBe(false);
  });
});

describe('sending', () => {
  it('sends what is in view, closes the panel, says so and shows the message at once', async () => {
    const view = await composer();
    view.write('Bonjour');
    view.api.sends.willAnswer(result());
    view.send();
    await view.waitFor(() => expect(view.find(StatusTag).text).toBe('En attente d’envoi'));
    expect(view.api.sends.asked[0]).toEqual({
      idempotency_key: expect.any(String),
      object_type_id: '0-1',
      object_id: '123',
      property: 'mobilephone',
      recipient: '+33612345678',
      push_type: 'alert',
      sender: null,
      unicode: false,
      text: 'Bonjour',
    });
    expect(view.mocks.actions.closeOverlay.calls).toEqual([['sms-composer']]);
    expect(view.mocks.actions.addAlert.calls[0]?.[0]).toMatchObject({
      type: 'success',
      title: 'SMS enregistré',
    });
    expect(view.panel().find(TextArea).props.value).toBe('');
  });

  it('sends once for two clicks', async () => {
    const view = await composer();
    const { answer, give } = pending<SendResult>();
    view.write('Bonjour');
    view.api.sends.willAnswer(answer);
    view.send();
    view.send();
    expect(view.sendButton().props.loading).toBe(true);
    expect(view.panel().find(TextArea).props.readOnly).toBe(true);
    give(result());
    await view.waitFor(() => expect(view.sendButton().props.loading).toBe(false));
    expect(view.api.sends.asked).toHaveLength(1);
  });

  it('keeps the draft and the key when the answer is lost, so that sending again is the same SMS', async () => {
    const view = await composer(aCard(), 'en');
    view.write('Bonjour');
    view.api.sends.willAnswer(new ApiError('unreachable'), result({}, true));
    view.send();
    await view.waitFor(() =>
      expect(view.panel().find(Alert).props.title).toBe('The sending is not confirmed'),
    );
    expect(view.panel().find(Alert).text).toContain('the same message is never sent twice');
    expect(view.panel().find(TextArea).props.value).toBe('Bonjour');
    expect(view.mocks.actions.closeOverlay.callCount).toBe(0);
    view.send();
    await view.waitFor(() => expect(view.mocks.actions.addAlert.callCount).toBe(1));
    expect(new Set(view.keys()).size).toBe(1);
    expect(view.mocks.actions.addAlert.calls[0]?.[0].message).toContain('not sent a second time');
  });

  it('takes a new key for other content, and for the same content after a success', async () => {
    const view = await composer();
    view.api.sends.willAnswer(new ApiError('unreachable'), result(), result());
    for (const text of ['Bonjour', 'Bonsoir', 'Bonsoir']) {
      view.write(text);
      const before = view.keys().length;
      view.send();
      await view.waitFor(() => expect(view.sendButton().props.loading).toBe(false));
      expect(view.keys()).toHaveLength(before + 1);
    }
    expect(new Set(view.keys()).size).toBe(3);
  });

  it('takes a new key when the old one belongs to another message', async () => {
    const view = await composer();
    view.write('Bonjour');
    view.api.sends.willAnswer(new ApiError('key_reused'), result());
    view.send();
    await view.waitFor(() => expect(view.panel().maybeFind(Alert)).not.toBeNull());
    view.send();
    await view.waitFor(() => expect(view.mocks.actions.addAlert.callCount).toBe(1));
    expect(new Set(view.keys()).size).toBe(2);
  });

  it('says what was refused, reads the record again, and forgets the error when the draft changes', async () => {
    const view = await composer();
    view.write('Bonjour');
    view.api.sends.willAnswer(new ApiError('number_changed'));
    view.api.cards.willAnswer(
      aCard({ numbers: [aNumber({ recipient: '+33700000000', raw: '07 00 00 00 00' })] }),
    );
    view.send();
    await view.waitFor(() => expect(view.panel().find(Alert).props.title).toBe('Le SMS n’a pas été envoyé'));
    await view.waitFor(() =>
      expect(view.panel().find(Select).props.validationMessage).toContain('+33\u00a07\u00a000'),
    );
    expect(view.panel().find(Alert).text).toContain('Aucun SMS n’a été envoyé ni facturé.');
    expect(view.panel().find(TextArea).props.value).toBe('Bonjour');
    view.write('Bonjour !');
    expect(view.panel().maybeFind(Alert)).toBeNull();
  });

  it('keeps the draft while the card’s data are renewed', async () => {
    const view = await composer();
    view.write('Brouillon');
    view.api.cards.willAnswer(aCard({ sent_count: 99 }));
    view.mocks.actions.onCrmPropertiesUpdate.calls[0]?.[1]({});
    await view.waitFor(() => expect(view.seen()).toContain('99'));
    expect(view.panel().find(TextArea).props.value).toBe('Brouillon');
  });

  it('does not replace a recipient that has vanished by another number', async () => {
    const two = [aNumber(), aNumber({ property: 'phone', recipient: '+33698765432', raw: '0698765432' })];
    const view = await composer(aCard({ numbers: two }));
    view.write('Bonjour');
    view
      .panel()
      .find(Select)
      .trigger('onChange', 'phone' as never);
    view.api.cards.willAnswer(aCard({ numbers: [aNumber()] }));
    view.mocks.actions.onCrmPropertiesUpdate.calls[0]?.[1]({});
    await view.waitFor(() => expect(view.panel().find(Select).props.value).toBeUndefined());
    expect(view.panel().find(Select).props.validationMessage).toContain('n’est plus sur la fiche');
    expect(view.sendButton().props.disabled).toBe(true);
  });

  it('is not a success when the message was stopped before it left', async () => {
    const view = await composer(aCard(), 'en');
    view.write('Bonjour');
    view.api.sends.willAnswer(result({ status: 'blocked', reason: 'opted_out', final: true }));
    view.send();
    await view.waitFor(() => expect(view.mocks.actions.addAlert.callCount).toBe(1));
    expect(view.mocks.actions.addAlert.calls[0]?.[0]).toMatchObject({
      type: 'danger',
      message: expect.stringContaining('The recipient has opted out of SMS'),
    });
  });
});

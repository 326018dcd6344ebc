/** The composer as its user sees it: its offers, the cost, and the obstacles to sending. */
import { ApiError, type Preview } from '@connector/api';
import { aBadNumber, aCard, aNumber, aPreview, pending } from '@connector/api/testing';
import { Alert, Select, Text, Tile, ToggleGroup } from '@hubspot/ui-extensions';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openComposer } from './testing/driver';
import { PREVIEW_LIFE_MS } from './usePreview';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the composer', () => {
  it('explains the chosen push type alone, and the legal hours where they hold marketing back', async () => {
    const bound = await openComposer();
    expect(bound.seen()).toContain('Part à toute heure');
    expect(bound.seen()).not.toContain('Avec accord');
    bound.pick('push_type', 'marketing');
    expect(bound.seen()).toContain('aux heures légales');
    expect(bound.seen()).not.toContain('Part à toute heure');
    const free = await openComposer({ card: aCard({ calendar: { applies: false } }) });
    free.pick('push_type', 'marketing');
    expect(free.seen()).not.toContain('heures légales');
  });

  it('offers the numbers that can receive SMS and names the others with the reason', async () => {
    const numbers = [aNumber(), aBadNumber('number_not_mobile', '01 23 45 67 89')];
    const one = await openComposer({ card: aCard({ numbers }) });
    const portable = 'Numéro de téléphone portable\u00a0: +33\u00a06\u00a012\u00a034\u00a056\u00a078';
    expect(one.seen()).toContain(`À ${portable}`);
    expect(one.seen()).toContain('01 23 45 67 89 (pas un numéro de mobile)');
    expect(one.panel().maybeFind(Select, { name: 'recipient' })).toBeNull();
    const second = aNumber({ property: 'phone', recipient: '+33698765432' });
    const two = await openComposer({ card: aCard({ numbers: [...numbers, second] }) });
    const { options, value, description } = two.select('recipient');
    expect(options.map(({ label }) => label)[0]).toBe(portable);
    expect(value).toBe('0-1/501/mobilephone');
    expect(description).toContain('01 23 45 67 89 (pas un numéro de mobile)');
  });

  it('starts with the portal’s push type and sender', async () => {
    const view = await openComposer({
      card: aCard({ defaults: { push_type: 'marketing', sender: 'LUMEN' } }),
    });
    expect(view.panel().find(ToggleGroup, { name: 'push_type' }).props.value).toBe('marketing');
    expect(view.seen()).toContain('De LUMEN · maintenant');
  });

  it('cannot send before there is a text', async () => {
    const view = await openComposer();
    expect(view.sendButton()).toMatchObject({ text: 'Envoyer', props: { disabled: true } });
    expect(view.seen()).toContain('Écrivez un message pour envoyer.');
    await view.previewed();
    view.send();
    await view.settle();
    expect(view.api.previews.asked).toHaveLength(0);
    expect(view.api.sends.asked).toHaveLength(0);
  });

  it('counts every keystroke', async () => {
    const view = await openComposer();
    view.write('a'.repeat(161));
    expect(view.seen()).toContain('161 / 306 · 2 SMS');
    expect(view.sendButton().text).toBe('Envoyer 2 SMS');
  });

  it('refuses more than ten SMS', async () => {
    const view = await openComposer();
    view.write('a'.repeat(1531));
    expect(view.text().validationMessage).toContain('11 SMS\u202f; le maximum est de 10');
    expect(view.sendButton().props.disabled).toBe(true);
  });

  it('says that the STOP mention is counted for marketing with a custom sender', async () => {
    const view = await openComposer();
    view.write('a'.repeat(150));
    view.pick('push_type', 'marketing');
    view.toggle('custom_sender');
    view.type('sender', 'LUMEN');
    expect(view.seen()).toContain('STOP compris (16).');
    expect(view.seen()).toContain('166 / 306 · 2 SMS');
  });

  it('warns that nobody can reply to a custom sender, and checks it', async () => {
    const view = await openComposer();
    view.write('Bonjour');
    view.toggle('custom_sender');
    expect(view.seen()).toContain('De nom à compléter · maintenant');
    view.type('sender', '36035');
    expect(view.field('Input', 'sender').props).toMatchObject({
      error: true,
      validationMessage: 'Ce nom n’est pas valable.',
    });
    view.type('sender', 'Lumen24');
    expect(view.field('Input', 'sender').props.error).toBe(false);
    expect(view.seen().split('Sans réponse possible.')).toHaveLength(2);
    await view.previewed();
    expect(view.sendButton().props.disabled).toBe(false);
  });
});

describe('the preview', () => {
  it('shows the text with the record’s values, its SMS and its cost, which the button repeats', async () => {
    const view = await openComposer({
      preview: aPreview({ text: 'Bonjour Camille\nA demain', units: 160, parts: 2, cost_credits: 4 }),
    });
    view.write('Bonjour {{firstname}}\nA demain');
    expect(view.seen()).toContain('Vérification du message…');
    expect(view.sendButton().props.disabled).toBe(true);
    await view.previewed();
    expect(
      view
        .panel()
        .find(Tile)
        .findAll(Text)
        .map(({ text }) => text),
    ).toEqual(['Bonjour Camille', 'A demain']);
    expect(view.seen()).toContain('160 / 306 · 2 SMS · 4 crédits');
    expect(view.sendButton()).toMatchObject({
      text: 'Envoyer 2 SMS · 4 crédits',
      props: { disabled: false },
    });
    expect(view.seen()).toContain('Part maintenant.');
  });

  it('does not make up a cost that SMSFactor did not tell', async () => {
    const view = await openComposer({ preview: aPreview({ cost_credits: null }), language: 'en' });
    view.write('Hello');
    await view.previewed();
    expect(view.seen()).toContain('cost not told by SMSFactor');
    expect(view.sendButton().text).toBe('Send 1 SMS');
  });

  it('is asked for once per pause, and for the newest text only', async () => {
    const view = await openComposer();
    for (const text of ['B', 'Bo', 'Bonjour']) view.write(text);
    await view.previewed();
    expect(view.api.previews.asked.map(({ text }) => text)).toEqual(['Bonjour']);
    expect(view.api.previews.asked[0]).not.toHaveProperty('template_id');
  });

  it('drops a late answer to an older text', async () => {
    const view = await openComposer();
    const slow = pending<Preview>();
    view.api.previews.willAnswer(slow.answer, aPreview({ text: 'NEUF' }));
    for (const text of ['premier', 'vieux', 'neuf']) {
      view.write(text);
      await view.previewed();
    }
    slow.give(aPreview({ text: 'VIEUX' }));
    await view.settle();
    expect(view.seen()).toContain('NEUF');
    expect(view.seen()).not.toContain('VIEUX');
  });

  it('says what the record lacks, and lets nothing be sent', async () => {
    const view = await openComposer({ preview: new ApiError('property_missing', { names: ['firstname'] }) });
    view.write('Bonjour {{firstname}}');
    await view.previewed();
    expect(view.panel().find(Alert).props.title).toBe('Ce message ne peut pas encore partir');
    expect(view.panel().find(Alert).text).toContain('pas de valeur pour «\u00a0firstname\u00a0»');
    expect(view.sendButton().props.disabled).toBe(true);
    view.api.previews.willAnswer(aPreview({ text: 'Bonjour Camille' }));
    await view.press('Réessayer');
    await view.previewed();
    expect(view.seen()).toContain('Bonjour Camille');
  });

  it('allows special characters that come from the record in one press', async () => {
    const refusal = new ApiError('text_not_gsm7', { characters: ['🌸'], parts: 2, parts_without: 1 });
    const view = await openComposer({ preview: refusal });
    view.write('Bonjour {{firstname}}');
    await view.previewed();
    expect(view.panel().find(Alert).text).toContain(
      '«\u00a0🌸\u00a0» rendrait le SMS plus cher\u00a0: 2 SMS au lieu de 1',
    );
    view.api.previews.willAnswer(aPreview({ text: 'Bonjour Léa 🌸', encoding: 'ucs2' }));
    await view.press('Garder');
    await view.previewed();
    expect(view.api.previews.asked.at(-1)?.unicode).toBe(true);
    expect(view.seen()).toContain('Bonjour Léa 🌸');
  });

  it('removes them in one press as well', async () => {
    const refusal = new ApiError('text_not_gsm7', { characters: ['🌸'], parts: 2, parts_without: 1 });
    const view = await openComposer({ preview: refusal, language: 'en' });
    view.write('Hello {{firstname}}');
    await view.previewed();
    const removed = { replaced: [], removed: ['🌸'], parts_with: 2 };
    view.api.previews.willAnswer(
      aPreview({ warnings: [{ code: 'characters_replaced', params: removed }], parts: 1 }),
    );
    await view.press('Remove');
    await view.previewed();
    expect(view.api.previews.asked.at(-1)).toMatchObject({ unicode: false, removes_special: true });
    expect(view.panel().find(Alert).props.title).toBe('“🌸” removed: 1 SMS instead of 2');
  });

  it('says in one line what was replaced and what keeping it costs', async () => {
    const replaced = { replaced: ['ê', 'À'], removed: [], parts_with: 2 };
    const view = await openComposer({
      preview: aPreview({ warnings: [{ code: 'characters_replaced', params: replaced }], parts: 1 }),
    });
    view.write('Bonjour {{firstname}}');
    await view.previewed();
    expect(view.panel().find(Alert).props).toMatchObject({
      title: '«\u00a0ê\u00a0» et «\u00a0À\u00a0» remplacés\u00a0: 1 SMS au lieu de 2',
      variant: 'warning',
    });
    await view.press('Garder');
    await view.previewed();
    expect(view.api.previews.asked.at(-1)?.unicode).toBe(true);
  });

  it('can be asked for again when the server did not answer', async () => {
    const view = await openComposer({ preview: new ApiError('unreachable'), language: 'en' });
    view.write('Hello');
    await view.previewed();
    expect(view.panel().find(Alert).props.title).toBe('The preview is not available');
    view.api.previews.willAnswer(aPreview());
    await view.press('Try again');
    await view.previewed();
    expect(view.sendButton().props.disabled).toBe(false);
  });

  it('reads the card again when it shows a number that is no longer so', async () => {
    const view = await openComposer({ preview: new ApiError('number_changed') });
    view.write('Bonjour');
    view.api.cards.willAnswer(
      aCard({ numbers: [aNumber({ recipient: '+33700000000', raw: '0700000000' })] }),
    );
    view.api.previews.willAnswer(aPreview());
    await view.previewed();
    expect(view.select('recipient').validationMessage).toContain('+33\u00a07\u00a000');
    await view.previewed();
    expect(view.api.previews.asked.at(-1)?.recipient).toBe('+33700000000');
  });

  it('repeats nothing that stands beside number, count and sender', async () => {
    const warnings = [
      { code: 'foreign_number', params: { country: 'BE' } },
      { code: 'unicode_parts', params: { characters: ['ç'] } },
      { code: 'sender_no_reply', params: {} },
      { code: 'multi_part', params: { parts: 2 } },
      { code: 'warning_of_2030', params: {} },
    ];
    const view = await openComposer({ preview: aPreview({ warnings }) });
    view.write('Bonjour');
    await view.previewed();
    const { seen } = view;
    for (const words of ['Belgique', 'À cause de', 'répondre', 'il prend 2 SMS', '2030']) {
      expect(seen()).not.toContain(words);
    }
  });

  it('is not asked for while the panel is closed', async () => {
    const view = await openComposer();
    view.write('Bonjour');
    view.panel().trigger('onClose');
    await view.previewed();
    expect(view.api.previews.asked).toHaveLength(0);
    view.opener().trigger('onClick');
    await view.previewed();
    expect(view.api.previews.asked).toHaveLength(1);
  });
});

describe('the legal hours', () => {
  const delayed = aPreview({ is_delayed: true, effective_at: '2026-11-24T07:00:00Z' });

  it('are told before anything is confirmed', async () => {
    const view = await openComposer({ preview: delayed });
    view.pick('push_type', 'marketing');
    view.write('Soldes');
    await view.previewed();
    expect(view.fold('departure').title).toBe('De numéro court · aux heures légales');
    expect(view.panel().maybeFind(Alert)).toBeNull();
    expect(view.sendButton().text).toBe('Programmer 1 SMS · 1 crédit');
    expect(view.seen()).toContain('Part le mardi 24 novembre 2026 à 08:00.');
  });

  it('are noticed when they begin while the composer is open', async () => {
    const view = await openComposer();
    view.pick('push_type', 'marketing');
    view.write('Soldes');
    await view.previewed();
    expect(view.sendButton().text).toBe('Envoyer 1 SMS · 1 crédit');
    view.api.previews.willAnswer(delayed);
    await view.settle(PREVIEW_LIFE_MS);
    await view.previewed();
    expect(view.sendButton().text).toBe('Programmer 1 SMS · 1 crédit');
  });
});

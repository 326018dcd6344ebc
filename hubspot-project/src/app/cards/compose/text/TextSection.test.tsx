/** The text and its tools: special characters, properties, short links, emoji. */
import { ApiError } from '@connector/api';
import { aCard } from '@connector/api/testing';
import { Checkbox, SearchInput, Tag } from '@hubspot/ui-extensions';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openComposer } from '../testing/driver';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('special characters', () => {
  it('leave no trace where they cost nothing', async () => {
    const view = await openComposer();
    view.write('Ça fête Noël 🎂');
    expect(view.maybeButton('Garder')).toBeNull();
    expect(view.text().error).toBe(false);
    await view.previewed();
    expect(view.sendButton().props.disabled).toBe(false);
    expect(view.api.previews.asked.at(-1)).toMatchObject({ unicode: false, removes_special: false });
  });

  it('are counted as they leave: replaced where they would cost more', async () => {
    const view = await openComposer();
    view.write(`ça fête ${'a'.repeat(80)}`);
    expect(view.seen()).toContain('88 / 160 · 1 SMS');
    view.allow();
    expect(view.seen()).toContain('88 / 134 · 2 SMS');
    expect(view.seen()).toContain('70 caractères par SMS à cause de «\u00a0ç\u00a0» et «\u00a0ê\u00a0».');
  });

  it('without an equivalent are asked about where they cost more, and kept in one press', async () => {
    const view = await openComposer();
    view.write(`Bonjour 🎂 ${'a'.repeat(70)}`);
    expect(view.seen()).toContain('«\u00a0🎂\u00a0»\u00a0: 2 SMS au lieu de 1');
    expect(view.seen()).toContain('Gardez ou retirez les caractères spéciaux pour envoyer.');
    expect(view.sendButton().props.disabled).toBe(true);
    await view.press('Garder');
    await view.previewed();
    expect(view.api.previews.asked.at(-1)).toMatchObject({ unicode: true });
    expect(view.sendButton().props.disabled).toBe(false);
  });

  it('are removed in one press, which can be undone', async () => {
    const view = await openComposer({ language: 'en' });
    const text = `Hello 🎂 ${'a'.repeat(70)}`;
    view.write(text);
    await view.press('Remove');
    expect(view.text().value).toBe(`Hello ${'a'.repeat(70)}`);
    expect(view.seen()).toContain('“🎂” removed from the message.');
    await view.press('Undo');
    expect(view.text().value).toBe(text);
  });

  it('are not put back over what was written since', async () => {
    const view = await openComposer();
    view.write(`Bonjour 🎂 ${'a'.repeat(70)}`);
    await view.press('Retirer');
    view.text().onChange?.(view.text().value as never);
    expect(view.maybeButton('Annuler')).not.toBeNull();
    view.write('Bonjour');
    expect(view.maybeButton('Annuler')).toBeNull();
  });
});

describe('properties', () => {
  const properties = [
    { name: 'firstname', label: 'Prénom' },
    { name: 'lastname', label: 'Nom' },
  ];

  async function personalising() {
    const view = await openComposer({ objectTypeId: '0-2' });
    view.api.properties.willAnswer(properties);
    await view.press('Personnaliser');
    return view;
  }

  it('are found by label and by internal name', async () => {
    const view = await personalising();
    expect(view.api.properties.asked).toEqual(['0-2']);
    expect(view.select('token').options).toEqual([
      { value: 'firstname', label: 'Prénom (firstname)' },
      { value: 'lastname', label: 'Nom (lastname)' },
    ]);
  });

  it('are inserted at the end, with the text that stands in for an empty one', async () => {
    const view = await personalising();
    view.write('Bonjour');
    expect(view.button('Insérer').props.disabled).toBe(true);
    view.choose('token', 'firstname');
    view.type('token_fallback', 'cher client');
    expect(view.seen()).toContain('Dans le message\u00a0: {{firstname|cher client}}');
    await view.press('Insérer');
    expect(view.text().value).toBe('Bonjour {{firstname|cher client}}');
    expect(view.seen()).toContain('≈ 8 / 160 · 1 SMS');
    expect(view.seen()).not.toContain('Propriété de la fiche');
  });

  it('of a deal are its own or those of the person texted', async () => {
    const view = await openComposer({ objectTypeId: '0-3' });
    view.api.properties.willAnswer([{ name: 'dealname', label: 'Nom' }]);
    await view.press('Personnaliser');
    expect(view.select('token_source').options.map(({ label }) => label)).toEqual([
      'Cette fiche',
      'Contact destinataire',
      'Entreprise destinataire',
    ]);
    view.api.properties.willAnswer(properties);
    view.choose('token_source', 'contact');
    await view.settle();
    expect(view.api.properties.asked).toEqual(['0-3', '0-1']);
    view.choose('token', 'contact.firstname');
    await view.press('Insérer');
    expect(view.text().value).toBe('{{contact.firstname}}');
  });

  it('say when they cannot be listed, with the way to try again', async () => {
    const view = await openComposer({ language: 'en' });
    view.api.properties.willAnswer(new ApiError('hubspot_unavailable'));
    await view.press('Personalise');
    expect(view.seen()).toContain('The properties cannot be shown');
    view.api.properties.willAnswer(properties);
    await view.press('Try again');
    expect(view.select('token').options).toHaveLength(2);
  });
});

describe('short links', () => {
  async function linking(language: 'fr' | 'en' = 'fr') {
    const view = await openComposer({ language });
    const tool = language === 'fr' ? 'Lien' : 'Link';
    await view.press(tool);
    const insert = language === 'fr' ? 'Insérer' : 'Insert';
    const add = async (address: string) => {
      if (!view.maybeButton(insert)) await view.press(tool);
      view.type('link', address);
      await view.press(insert);
    };
    return { ...view, add };
  }

  it('are marks in the text and chips below it, and travel as placeholders in the order of the text', async () => {
    const view = await linking();
    view.write('Offre');
    await view.add('lumen.example/a');
    await view.add('https://lumen.example/b');
    expect(view.text().value).toBe('Offre [lien 1] [lien 2]');
    expect(
      view
        .panel()
        .findAll(Tag)
        .map(({ text }) => text),
    ).toEqual(['[lien 1]', '[lien 2]']);
    expect(view.seen()).toContain('https://lumen.example/a');
    expect(view.seen()).toContain('Lien court\u00a0: 21.');
    view.write('[lien 2] puis [lien 1]');
    await view.previewed();
    expect(view.api.previews.asked.at(-1)).toMatchObject({
      text: '<-short-> puis <-short->',
      links: ['https://lumen.example/b', 'https://lumen.example/a'],
    });
  });

  it('take their mark along when they go', async () => {
    const view = await linking('en');
    view.write('Offer');
    await view.add('lumen.example');
    expect(view.text().value).toBe('Offer [link 1]');
    await view.press('Remove [link 1]');
    expect(view.text().value).toBe('Offer');
    expect(view.panel().maybeFind(Tag)).toBeNull();
  });

  it('say when their mark is no longer in the text, and can be put back', async () => {
    const view = await linking();
    await view.add('lumen.example');
    view.write('Sans rien');
    expect(view.seen()).toContain('Absent du message\u00a0: il ne sera pas envoyé.');
    await view.press('Remettre [lien 1]');
    expect(view.text().value).toBe('Sans rien [lien 1]');
  });

  it('are refused when they lead nowhere, once the writer says that they are done', async () => {
    const view = await linking();
    view.type('link', 'deux mots');
    expect(view.field('Input', 'link').props.error).toBe(false);
    await view.press('Insérer');
    expect(view.field('Input', 'link').props).toMatchObject({
      error: true,
      validationMessage: expect.stringContaining('Cette adresse n’est pas correcte'),
    });
    expect(view.text().value).toBe('');
    view.type('link', 'lumen.example');
    expect(view.field('Input', 'link').props.error).toBe(false);
  });
});

describe('too many short links', () => {
  it('are not taken', async () => {
    const view = await openComposer({ language: 'en' });
    for (let number = 1; number <= 10; number += 1) {
      await view.press('Link');
      view.type('link', `lumen.example/${number}`);
      await view.press('Insert');
    }
    await view.press('Link');
    expect(view.seen()).toContain('A message can have 10 links at most.');
    expect(view.maybeButton('Insert')).toBeNull();
  });
});

describe('emoji', () => {
  it('are always there, and are found in French and English', async () => {
    const view = await openComposer();
    await view.press('Émojis');
    const search = (words: string) =>
      view
        .panel()
        .find(SearchInput)
        .trigger('onInput', words as never);
    for (const words of ['gâteau', 'birthday']) {
      search(words);
      expect(view.maybeButton('🎂')).not.toBeNull();
    }
    view.write('Joyeux anniversaire');
    await view.press('🎂');
    await view.press('🎂');
    expect(view.text().value).toBe('Joyeux anniversaire 🎂🎂');
    search('xyz');
    expect(view.seen()).toContain('Aucun émoji ne correspond.');
  });

  it('that make the SMS dearer turn the switch on, which can be undone', async () => {
    const view = await openComposer();
    const isAllowed = () => view.panel().find(Checkbox, { name: 'unicode' }).props.checked;
    view.write('Joyeux anniversaire');
    await view.press('Émojis');
    view
      .panel()
      .find(SearchInput)
      .trigger('onInput', 'gâteau' as never);
    await view.press('🎂');
    expect(isAllowed()).toBe(false);
    const text = 'a'.repeat(80);
    view.write(text);
    await view.press('🎂');
    expect(isAllowed()).toBe(true);
    expect(view.seen()).toContain('Caractères spéciaux autorisés pour «\u00a0🎂\u00a0».');
    await view.press('Annuler');
    expect(isAllowed()).toBe(false);
    expect(view.text().value).toBe(text);
  });

  it('are shown a page at a time', async () => {
    const view = await openComposer();
    await view.press('Émojis');
    expect(view.maybeButton('🚚')).toBeNull();
    while (view.maybeButton('Afficher plus d’émojis')) await view.press('Afficher plus d’émojis');
    expect(view.maybeButton('🚚')).not.toBeNull();
  });
});

describe('the tools', () => {
  it('open one at a time', async () => {
    const view = await openComposer({ card: aCard() });
    view.api.properties.willAnswer([]);
    await view.press('Personnaliser');
    await view.press('Lien');
    expect(view.seen()).not.toContain('Propriété de la fiche');
    expect(view.seen()).toContain('Adresse du lien');
    await view.press('Lien');
    expect(view.seen()).not.toContain('Adresse du lien');
  });
});

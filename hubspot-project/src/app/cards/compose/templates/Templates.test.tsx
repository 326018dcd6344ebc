/** Templates of the portal are chosen, saved, updated, renamed and deleted. */
import { ApiError, type Template } from '@connector/api';
import { aCard, aTemplate } from '@connector/api/testing';
import { Alert, ToggleGroup } from '@hubspot/ui-extensions';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openComposer } from '../testing/driver';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const promo = aTemplate({
  ...{ id: 'promo', name: 'Soldes', text: 'Soldes <-short->', links: ['https://lumen.example'] },
  ...{ push_type: 'marketing', sender: 'LUMEN', unicode: true },
});

async function choosing(templates: Template[] = [aTemplate(), promo], language: 'fr' | 'en' = 'fr') {
  const view = await openComposer({ language });
  view.api.templates.willAnswer(templates);
  await view.openFold('template');
  return view;
}

describe('choosing', () => {
  it('takes over text, links, sender, push type and special characters, and says so to the backend', async () => {
    const view = await choosing();
    view.choose('template', 'promo');
    expect(view.text().value).toBe('Soldes [lien 1]');
    expect(view.panel().find(ToggleGroup, { name: 'push_type' }).props.value).toBe('marketing');
    expect(view.seen()).toContain('De LUMEN · ');
    expect(view.fold('template')).toMatchObject({ title: 'Modèle\u00a0: Soldes', open: false });
    await view.previewed();
    expect(view.api.previews.asked.at(-1)).toMatchObject({
      text: 'Soldes <-short->',
      links: ['https://lumen.example'],
    });
    view.api.sends.willAnswer(new ApiError('unreachable'));
    view.send();
    await view.settle();
    expect(view.api.sends.asked[0]?.template_id).toBe('promo');
  });

  it('can be taken back as long as nothing else was written', async () => {
    const view = await choosing();
    view.write('Mon message');
    view.choose('template', 'promo');
    expect(view.seen()).toContain('Modèle «\u00a0Soldes\u00a0» utilisé.');
    await view.press('Revenir à mon message');
    expect(view.text().value).toBe('Mon message');
    expect(view.panel().find(ToggleGroup, { name: 'push_type' }).props.value).toBe('alert');
    expect(view.fold('template').title).toBe('Modèle\u00a0: aucun');
  });

  it('is all that somebody may do whose portal reserves changing templates', async () => {
    const view = await openComposer({ card: aCard({ may_edit_templates: false }) });
    view.api.templates.willAnswer([promo]);
    view.write('Mon message');
    expect(view.maybeButton('Sauvegarder comme modèle')).toBeNull();
    await view.openFold('template');
    view.choose('template', 'promo');
    expect(view.text().value).toBe('Soldes [lien 1]');
    await view.openFold('template');
    expect(view.maybeButton('Renommer')).toBeNull();
    expect(view.maybeButton('Supprimer')).toBeNull();
  });

  it('tells when a template was changed, and by whom as far as is known', async () => {
    const theirs = aTemplate({ id: 'theirs', updated_by: '2', updated_by_email: 'ines@lumen.example' });
    const mine = aTemplate({
      id: 'mine',
      updated_by: '1',
      updated_by_email: 'moi@lumen.example',
      version: 3,
    });
    const view = await choosing([aTemplate(), theirs, mine]);
    view.choose('template', aTemplate().id);
    await view.openFold('template');
    expect(view.seen()).toContain('Version 1, modifiée le 20 nov. 2026, 10:00.');
    view.choose('template', 'theirs');
    await view.openFold('template');
    expect(view.seen()).toContain('Version 1, modifiée par ines@lumen.example le 20 nov. 2026, 10:00.');
    view.choose('template', 'mine');
    await view.openFold('template');
    expect(view.seen()).toContain('Version 3, modifiée par vous le 20 nov. 2026, 10:00.');
  });

  it('says when there are none, or when they cannot be listed', async () => {
    expect((await choosing([], 'en')).seen()).toContain('No templates yet.');
    const view = await openComposer();
    view.api.templates.willAnswer(new ApiError('internal'), []);
    await view.openFold('template');
    expect(view.seen()).toContain('Impossible d’afficher les modèles');
    await view.press('Réessayer');
    expect(view.seen()).toContain('Aucun modèle pour le moment');
  });
});

describe('saving', () => {
  it('is offered once there is a text, and keeps it for the portal', async () => {
    const view = await openComposer();
    expect(view.maybeButton('Sauvegarder comme modèle')).toBeNull();
    view.write('A demain');
    await view.press('Sauvegarder comme modèle');
    expect(view.button('Sauvegarder').props.disabled).toBe(true);
    view.type('template_name', ' Rappel ');
    view.api.templateSaves.willAnswer(aTemplate({ id: 'new', name: 'Rappel' }));
    await view.press('Sauvegarder');
    expect(view.api.templateSaves.asked).toEqual([
      {
        name: 'Rappel',
        content: { text: 'A demain', links: [], push_type: 'alert', sender: null, unicode: false },
      },
    ]);
    expect(view.alerts()[0]?.message).toBe(
      'Le modèle «\u00a0Rappel\u00a0» est sauvegardé pour tout le compte HubSpot.',
    );
    expect(view.maybeButton('Sauvegarder')).toBeNull();
  });

  it('takes no name longer than is kept', async () => {
    const view = await openComposer();
    view.write('A demain');
    await view.press('Sauvegarder comme modèle');
    view.type('template_name', 'a'.repeat(101));
    expect(view.field('Input', 'template_name').props.validationMessage).toBe('100 caractères au plus.');
    expect(view.button('Sauvegarder').props.disabled).toBe(true);
  });

  it('says that a name is taken, and keeps what was typed', async () => {
    const view = await openComposer({ language: 'en' });
    view.write('See you');
    await view.press('Save as template');
    view.type('template_name', 'Reminder');
    view.api.templateSaves.willAnswer(new ApiError('template_name_taken'));
    await view.press('Save');
    expect(view.panel().find(Alert).props).toMatchObject({
      title: 'The template was not changed',
      variant: 'danger',
    });
    expect(view.panel().find(Alert).text).toContain('Choose another name');
    expect(view.field('Input', 'template_name').props.value).toBe('Reminder');
  });
});

describe('looking after a template', () => {
  async function chosen(language: 'fr' | 'en' = 'fr') {
    const view = await choosing(undefined, language);
    view.choose('template', 'promo');
    await view.openFold('template');
    return view;
  }

  it('updates it with the message, which is only offered when they differ', async () => {
    const view = await chosen();
    expect(view.maybeButton('Mettre à jour avec ce message')).toBeNull();
    view.write('Soldes prolongés [lien 1]');
    view.api.templateUpdates.willAnswer({ ...promo, text: 'Soldes prolongés <-short->', version: 2 });
    await view.press('Mettre à jour avec ce message');
    expect(view.api.templateUpdates.asked[0]).toMatchObject({
      id: 'promo',
      version: promo.version,
      content: { text: 'Soldes prolongés <-short->', links: ['https://lumen.example'] },
    });
    expect(view.seen()).toContain('Version 2');
    expect(view.maybeButton('Mettre à jour avec ce message')).toBeNull();
  });

  it('renames it', async () => {
    const view = await chosen();
    await view.press('Renommer');
    expect(view.field('Input', 'template_name').props.value).toBe('Soldes');
    view.type('template_name', 'Soldes d’hiver');
    view.api.templateRenames.willAnswer({ ...promo, name: 'Soldes d’hiver' });
    await view.press('Renommer');
    expect(view.api.templateRenames.asked).toEqual([{ id: 'promo', name: 'Soldes d’hiver' }]);
    expect(view.select('template').options.map(({ label }: { label: string }) => label)).toContain(
      'Soldes d’hiver',
    );
  });

  it('deletes it only when that is confirmed, and keeps the message', async () => {
    const view = await chosen();
    await view.press('Supprimer');
    expect(view.seen()).toContain(
      'Supprimer le modèle «\u00a0Soldes\u00a0» pour tout le compte HubSpot\u202f?',
    );
    await view.press('Annuler');
    expect(view.api.templateDeletes.asked).toEqual([]);
    await view.press('Supprimer');
    view.api.templateDeletes.willAnswer(null);
    await view.press('Oui, supprimer');
    expect(view.api.templateDeletes.asked).toEqual(['promo']);
    expect(view.select('template').options).toHaveLength(1);
    expect(view.text().value).toBe('Soldes [lien 1]');
  });

  it('does not claim to know when the answer was lost', async () => {
    const view = await chosen('en');
    await view.press('Delete');
    view.api.templateDeletes.willAnswer(new ApiError('unreachable'));
    await view.press('Yes, delete it');
    expect(view.panel().find(Alert).props.variant).toBe('danger');
    expect(view.panel().find(Alert).text).toContain('cannot tell whether the template was changed');
  });

  it('says that someone else has changed it meanwhile, and keeps both texts', async () => {
    const view = await chosen('en');
    view.write('Other');
    view.api.templateUpdates.willAnswer(new ApiError('template_changed'));
    await view.press('Update with this message');
    expect(view.panel().find(Alert).text).toContain('Someone has changed this template since you opened it');
    expect(view.text().value).toBe('Other');
  });

  it('says that someone else has deleted it', async () => {
    const view = await chosen();
    view.write('Autre');
    view.api.templateUpdates.willAnswer(new ApiError('template_not_found'));
    await view.press('Mettre à jour avec ce message');
    expect(view.panel().find(Alert).text).toContain('Ce modèle n’existe plus');
  });
});

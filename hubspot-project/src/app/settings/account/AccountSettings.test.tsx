/** The account block of the settings: the linked account, linking, and the state after a failure. */
import { ApiError, type SettingsData } from '@connector/api';
import { anAccount, pending, renderer, someSettings } from '@connector/api/testing';
import {
  Alert,
  Button,
  DescriptionListItem,
  Form,
  Input,
  Link,
  LoadingButton,
  LoadingSpinner,
  StatisticsItem,
} from '@hubspot/ui-extensions';
import { describe, expect, it } from 'vitest';
import { AccountSettings } from './AccountSettings';

async function opened(answer: SettingsData | ApiError, language: 'fr' | 'en' = 'fr') {
  const view = renderer('settings', language);
  view.api.settings.willAnswer(answer);
  view.render(<AccountSettings />);
  await view.waitFor(() => expect(view.maybeFind(LoadingSpinner)).toBeNull());
  return {
    ...view,
    button: (text: string) => view.find(Button, (button) => button.text === text),
    paste: (token: string) => view.find(Input).trigger('onInput', token as never),
    submit: () => view.find(Form).trigger('onSubmit'),
  };
}

describe('the linked account', () => {
  it('is shown with its owner, its credits and the SMS sent', async () => {
    const view = await opened(someSettings());
    const facts = view
      .findAll(DescriptionListItem)
      .map(({ props, ...node }) => `${props.label}: ${node.text}`);
    expect(view.seen()).toContain('ID du client\n204518');
    expect(facts).toHaveLength(6);
    expect(view.seen()).toContain('ops@atelier-lumen.example');
    expect(view.seen()).toContain('Atelier Lumen');
    expect(view.seen()).toContain('23 nov. 2026, 10:00');
    const figures = view.findAll(StatisticsItem).map(({ props }) => `${props.label}: ${props.number}`);
    expect(figures).toEqual(['Crédits restants: 1\u202f249', 'SMS envoyés avec l’application: 12']);
  });

  it('shows every problem, as the card that sends people here shows the first', async () => {
    const problems = ['gateway_no_credits', 'hubspot_scope_missing'].map((code) => ({ code, params: {} }));
    const view = await opened(someSettings({ problems }));
    expect(view.findAll(Alert).map(({ props }) => props.title)).toEqual([
      'Le compte SMSFactor demande votre attention',
      'Le lien avec HubSpot demande votre attention',
    ]);
    expect(view.find(Alert).text).toContain('n’a pas assez de crédits');
  });

  it('says so when the balance is not known', async () => {
    const view = await opened(someSettings({ account: anAccount({ balance: null }) }));
    expect(view.seen()).toContain('SMSFactor ne communique pas le solde pour le moment.');
  });

  it('cannot be changed by someone who may not', async () => {
    for (const account of [anAccount(), null]) {
      const view = await opened(someSettings({ account, may_edit: false }));
      expect(view.maybeFind(Form)).toBeNull();
      expect(view.maybeFind(Button)).toBeNull();
      expect(view.seen()).toContain('Seuls les administrateurs de l’application');
    }
  });

  it('shows an error with the way to try again', async () => {
    const view = await opened(new ApiError('internal'), 'en');
    expect(view.seen()).toContain('Something failed on our side.');
    view.api.settings.willAnswer(someSettings());
    view.button('Try again').trigger('onClick');
    await view.waitFor(() => expect(view.seen()).toContain('Atelier Lumen'));
  });
});

describe('linking an account', () => {
  it('says where the token is and needs one', async () => {
    const view = await opened(someSettings({ account: null }));
    expect(view.find(Alert).props.title).toBe('Aucun compte SMSFactor lié pour le moment');
    expect(view.seen()).toContain('ouvrez le menu Développeurs');
    expect(view.find(Link).props.href).toEqual({ url: 'https://platform.example/', external: true });
    expect(view.find(Input).props.type).toBe('password');
    expect(view.find(LoadingButton).props.disabled).toBe(true);
    view.submit();
    expect(view.api.links.asked).toHaveLength(0);
  });

  it('hands the token over once, shows the account and forgets the token', async () => {
    const view = await opened(someSettings({ account: null }));
    const { answer, give } = pending<SettingsData>();
    view.api.links.willAnswer(answer);
    view.paste('  secret-token ');
    view.submit();
    view.submit();
    expect(view.find(LoadingButton).props.loading).toBe(true);
    give(someSettings());
    await view.waitFor(() => expect(view.seen()).toContain('Atelier Lumen'));
    expect(view.api.links.asked).toEqual(['secret-token']);
    expect(view.mocks.actions.addAlert.calls[0]?.[0].message).toBe('Le compte SMSFactor 204518 est lié.');
    expect(view.maybeFind(Form)).toBeNull();
    view.button('Modifier le compte').trigger('onClick');
    expect(view.find(Input).props.value).toBe('');
  });

  it('keeps the old account in view when the new token is refused', async () => {
    const view = await opened(someSettings());
    view.button('Modifier le compte').trigger('onClick');
    expect(view.find(Input).props.description).toContain('Le compte actuel reste lié');
    view.api.links.willAnswer(new ApiError('token_refused'));
    view.paste('wrong');
    view.submit();
    await view.waitFor(() => expect(view.find(Alert).props.title).toBe('Le compte n’a pas été lié'));
    expect(view.find(Alert).text).toContain('SMSFactor n’accepte pas ce jeton d’API. Rien n’a été modifié');
    expect(view.seen()).toContain('Atelier Lumen');
    expect(view.find(Input).props.value).toBe('wrong');
  });

  it('does not claim to know when the answer was lost', async () => {
    const view = await opened(someSettings({ account: null }), 'en');
    view.api.links.willAnswer(new ApiError('unreachable'));
    view.paste('token');
    view.submit();
    await view.waitFor(() => expect(view.findAll(Alert).at(-1)?.props.variant).toBe('warning'));
    expect(view.findAll(Alert).at(-1)?.text).toContain('we cannot tell whether the account was linked');
  });

  it('can be given up', async () => {
    const view = await opened(someSettings());
    view.button('Modifier le compte').trigger('onClick');
    view.button('Annuler').trigger('onClick');
    expect(view.maybeFind(Form)).toBeNull();
  });
});

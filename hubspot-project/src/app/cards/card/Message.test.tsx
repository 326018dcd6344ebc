/** What a message's title claims, and how very long texts are read. */
import { ApiError } from '@connector/api';
import { aCard, aMessage, renderer } from '@connector/api/testing';
import { Button, Link, LoadingSpinner, Text } from '@hubspot/ui-extensions';
import { describe, expect, it } from 'vitest';
import { Card } from './Card';

async function opened(card: ReturnType<typeof aCard>, language: 'fr' | 'en' = 'fr') {
  const view = renderer('crm.record.sidebar', language);
  view.api.cards.willAnswer(card);
  view.render(<Card />);
  await view.waitFor(() => expect(view.maybeFind(LoadingSpinner)).toBeNull());
  return view;
}

describe('the title of a message', () => {
  it.each([
    ['queued', 'SMS en attente'],
    ['moderated', 'SMS en attente'],
    ['sending', 'SMS en cours d’envoi'],
    ['accepted', 'SMS envoyé'],
    ['undelivered', 'SMS envoyé'],
    ['unknown', 'SMS peut-être envoyé'],
    ['unresolved', 'SMS peut-être envoyé'],
    ['cancelled', 'SMS non envoyé'],
    ['too_late', 'SMS non envoyé'],
  ] as const)('claims of %s no more than is known', async (status, title) => {
    const view = await opened(aCard({ messages: [aMessage({ status, report_url: null, final: true })] }));
    expect(view.findAll(Text).map(({ text }) => text)).toContain(title);
  });

  it('does not say “sent” while nobody knows whether it was filtered', async () => {
    const message = aMessage({ status: 'accepted', reason: 'membership_pending', final: true });
    expect((await opened(aCard({ messages: [message] }), 'en')).find(Link).text).toBe('SMS possibly sent');
  });
});

describe('a very long text', () => {
  const message = aMessage({ text: `${'a'.repeat(300)}…`, is_shortened: true });
  const showAll = (view: Awaited<ReturnType<typeof opened>>) =>
    view.find(Button, (button) => button.text === 'Tout afficher').trigger('onClick');

  it('is fetched when the reader asks for all of it', async () => {
    const view = await opened(aCard({ messages: [message] }));
    view.api.messages.willAnswer([{ ...message, text: `${'a'.repeat(2_000)}FIN`, is_shortened: false }]);
    showAll(view);
    await view.waitFor(() => expect(view.seen()).toContain('FIN'));
    expect(view.api.messages.asked).toEqual([[message.id]]);
  });

  it('stays short when it cannot be fetched, and the reader is told', async () => {
    const view = await opened(aCard({ messages: [message] }));
    view.api.messages.willAnswer(new ApiError('unreachable'));
    showAll(view);
    await view.waitFor(() => expect(view.mocks.actions.addAlert.callCount).toBe(1));
    expect(view.seen()).toContain('Tout afficher');
  });
});

/** The claim of a message's title, and the reading of very long texts. */
import { ApiError } from '@connector/api';
import { aCard, aMessage, aScheduled, renderer } from '@connector/api/testing';
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

describe('the figures of a message', () => {
  it.each([
    ['fr', { parts: 2, cost_credits: 4 }, '· 2 SMS · 4 crédits'],
    ['fr', { parts: 1, cost_credits: 1 }, '· 1 SMS · 1 crédit'],
    ['fr', { parts: 1, cost_credits: 0 }, '· 1 SMS · 0 crédit'],
    ['fr', { parts: 2, cost_credits: null, status: 'sending' }, '· 2 SMS'],
    ['en', { parts: 2, cost_credits: 4 }, '· 2 SMS · 4 credits'],
    ['en', { parts: 1, cost_credits: 1 }, '· 1 SMS · 1 credit'],
    ['en', { parts: 1, cost_credits: 0 }, '· 1 SMS · 0 credits'],
  ] as const)('says in %s what it took and cost: %o', async (language, changes, words) => {
    const view = await opened(aCard({ messages: [aMessage(changes)] }), language);
    const lines = view.seen().split('\n');
    expect(lines.filter((line) => line.endsWith(words))).toHaveLength(1);
  });

  it('counts nothing of one that never left', async () => {
    const message = aMessage({ status: 'refused', reason: 'npai', cost_credits: null, report_url: null });
    expect((await opened(aCard({ messages: [message] }))).seen()).not.toContain('1 SMS');
  });
});

describe('the text of a message', () => {
  const links = ['https://lumen.example/soldes?de=sms', `http://lumen.example/${'a'.repeat(60)}`];
  const message = aMessage({ text: 'Soldes : <-short-> <-short->\n<-stop->', links, report_url: null });
  const addresses = (view: Awaited<ReturnType<typeof opened>>) =>
    view.findAll(Link).map(({ props, text }) => [props.href, text]);

  it.each([
    ['fr', ['Soldes : [lien 1] [lien 2]', '[mention STOP]']],
    ['en', ['Soldes : [link 1] [link 2]', '[STOP mention]']],
  ] as const)(
    'shows in %s what stands for links and the mention, and where each link leads',
    async (language, lines) => {
      const view = await opened(aCard({ messages: [message] }), language);
      for (const line of lines) expect(view.seen()).toContain(line);
      expect(view.seen()).not.toContain('<-');
      expect(addresses(view)).toEqual([
        [{ url: links[0], external: true }, 'lumen.example/soldes?de=sms'],
        [{ url: links[1], external: true }, `lumen.example/${'a'.repeat(25)}…`],
      ]);
    },
  );

  it('does so for one that is scheduled', async () => {
    const { text } = message;
    const view = await opened(aCard({ scheduled: [aScheduled({ text, links })] }));
    expect(view.seen()).toContain('Soldes : [lien 1] [lien 2]');
    expect(addresses(view)).toHaveLength(2);
  });

  it('shows the mention that SMSFactor adds by itself', async () => {
    const marketing = aMessage({ push_type: 'marketing', sender: 'LUMEN' });
    const view = await opened(aCard({ messages: [marketing] }));
    expect(view.seen()).toContain('Votre commande est arrivee [mention STOP]');
  });

  it('leaves a reply as it was written', async () => {
    const reply = aMessage({
      direction: 'inbound',
      text: '<-stop->',
      push_type: 'marketing',
      sender: 'LUMEN',
    });
    const view = await opened(aCard({ messages: [reply] }));
    expect(view.seen()).toContain('<-stop->');
    expect(view.seen()).not.toContain('mention');
  });

  it('shows marks without addresses where a backend does not tell them', async () => {
    const view = await opened(aCard({ messages: [{ ...message, links: [links[0] ?? null, null] }] }));
    expect(view.seen()).toContain('[lien 1] [lien 2]');
    expect(addresses(view)).toHaveLength(1);
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

  it('brings the links that the card had no room for', async () => {
    const text = 'Voir <-short-> ou <-short->';
    const links = ['https://lumen.example/a', 'https://lumen.example/b'];
    const view = await opened(
      aCard({
        messages: [aMessage({ text, links: links.slice(0, 1), is_shortened: true, report_url: null })],
      }),
    );
    expect(view.seen()).toContain('Voir [lien 1] ou [lien 2]\n');
    view.api.messages.willAnswer([aMessage({ text, links })]);
    showAll(view);
    await view.waitFor(() => expect(view.findAll(Link)).toHaveLength(2));
  });

  it('stays short when it cannot be fetched, and the reader is told', async () => {
    const view = await opened(aCard({ messages: [message] }));
    view.api.messages.willAnswer(new ApiError('unreachable'));
    showAll(view);
    await view.waitFor(() => expect(view.mocks.actions.addAlert.callCount).toBe(1));
    expect(view.seen()).toContain('Tout afficher');
  });
});

/** What the card says of the record's numbers and of replies nobody has opened. */
import { ApiError } from '@connector/api';
import { aCard, aMessage, aNumber, pending, renderer, settled } from '@connector/api/testing';
import { Button, LoadingButton, LoadingSpinner, StatusTag, Tile } from '@hubspot/ui-extensions';
import { describe, expect, it } from 'vitest';
import { Card } from './Card';

async function opened(card = aCard(), language: 'fr' | 'en' = 'fr') {
  const view = renderer('crm.record.sidebar', language);
  view.api.cards.willAnswer(card);
  view.render(<Card />);
  await view.waitFor(() => expect(view.maybeFind(LoadingSpinner)).toBeNull());
  return { ...view, tags: () => view.findAll(StatusTag).map(({ text }) => text) };
}

describe('numbers', () => {
  it('are not repeated on their owner’s own record when all is well', async () => {
    const view = await opened();
    expect(view.tags()).toEqual([]);
    expect(view.seen().match(/portable/g)).toHaveLength(1); // in the composer
  });

  it('of a deal are listed with whose they are', async () => {
    const numbers = [
      aNumber({ owner_name: 'Camille Moreau' }),
      aNumber({ object_id: '502', owner_name: 'Hugo Lefèvre', property: 'phone', is_opted_out: true }),
    ];
    const view = await opened(aCard({ numbers }), 'en');
    expect(view.seen()).toContain('Camille Moreau: +33');
    expect(view.seen()).toContain('Hugo Lefèvre: +33');
    expect(view.tags()).toEqual(['Opted out (STOP)']);
  });

  it('wear a badge when their owner opted out or they are nobody’s', async () => {
    const view = await opened(aCard({ numbers: [aNumber({ is_opted_out: true, is_npai: true })] }));
    expect(view.tags()).toEqual(['Désabonné (STOP)', 'Numéro non attribué']);
    expect(view.find(Button, { variant: 'primary' }).text).toBe('Envoyer un SMS');
  });

  it('are shortened when they are many, until the reader asks for all', async () => {
    const numbers = ['1', '2', '3', '4', '5'].map((id) =>
      aNumber({ object_id: id, owner_name: `Client ${id}` }),
    );
    const view = await opened(aCard({ numbers }));
    const listed = () => view.seen().split('Envoyer un SMS')[0];
    expect(listed()).not.toContain('Client 4');
    view.find(Button, (button) => button.text === 'Afficher 2 autres numéros').trigger('onClick');
    expect(listed()).toContain('Client 5');
  });
});

describe('unread replies', () => {
  const reply = aMessage({ direction: 'inbound', text: 'Merci !' });

  it('wear a badge until someone marks them as read', async () => {
    const view = await opened(aCard({ unread_count: 2, messages: [reply] }));
    expect(view.tags()).toContain('2 réponses non lues');
    expect(view.find(Tile).text ?? view.seen()).toContain('SMS reçu');
    const call = pending<null>();
    view.api.reads.willAnswer(call.answer);
    view.find(LoadingButton, (button) => button.text === 'Marquer comme lu').trigger('onClick');
    expect(view.find(LoadingButton, (button) => button.text === 'Marquer comme lu').props.loading).toBe(true);
    call.give(null);
    await view.waitFor(() => expect(view.tags()).not.toContain('2 réponses non lues'));
    expect(view.api.reads.asked).toEqual([{ object_type_id: '0-1', object_id: '123' }]);
    expect(view.seen()).toContain('Merci !');
  });

  it('stay when that fails, and the reader is told', async () => {
    const view = await opened(aCard({ unread_count: 1, messages: [reply] }), 'en');
    view.api.reads.willAnswer(new ApiError('unreachable'));
    view.find(LoadingButton, (button) => button.text === 'Mark as read').trigger('onClick');
    await view.waitFor(() => expect(view.mocks.actions.addAlert.callCount).toBe(1));
    expect(view.mocks.actions.addAlert.calls[0]?.[0]).toMatchObject({ title: 'The replies stay unread' });
    await settled();
    expect(view.tags()).toContain('1 unread reply');
  });
});

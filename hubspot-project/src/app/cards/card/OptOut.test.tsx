/** Recording on the card that a person asked not to be texted any more. */
import { ApiError, type CardData } from '@connector/api';
import { aCard, aNumber, renderer } from '@connector/api/testing';
import { Alert, Dropdown, LoadingButton, LoadingSpinner, TextArea } from '@hubspot/ui-extensions';
import { describe, expect, it, vi } from 'vitest';
import { Card } from './Card';

const OPEN = 'Enregistrer un désabonnement';
const SUBMIT = 'Enregistrer le désabonnement';

async function opened(changes: Partial<CardData> = {}) {
  const view = renderer('crm.record.sidebar', 'fr');
  view.api.cards.willAnswer(aCard(changes));
  view.render(<Card />);
  await view.waitFor(() => expect(view.maybeFind(LoadingSpinner)).toBeNull());
  const openers = () => view.findAll(Dropdown.ButtonItem).filter(({ text }) => text === OPEN);
  const submit = () => view.find(LoadingButton, ({ text }) => text === SUBMIT);
  return { ...view, openers, submit, open: (which = 0) => void openers()[which]?.trigger('onClick') };
}

describe('an opt-out by hand', () => {
  it('is recorded for the only number, with the reason, and the card is read again', async () => {
    const view = await opened();
    view.open();
    view.find(TextArea, { name: 'opt_out_reason' }).trigger('onInput', ' au téléphone ' as never);
    view.api.optOuts.willAnswer(null);
    view.api.cards.willAnswer(aCard({ numbers: [aNumber({ is_opted_out: true })] }));
    view.submit().trigger('onClick');
    await view.waitFor(() => expect(view.seen()).toContain('Désabonné (STOP)'));
    expect(view.api.optOuts.asked).toEqual([
      { object_type_id: '0-1', object_id: '123', recipient: '+33612345678', reason: 'au téléphone' },
    ]);
    expect(view.mocks.actions.addAlert.calls[0]?.[0]).toMatchObject({ type: 'success' });
    expect(view.openers()).toEqual([]);
  });

  it('of one of several numbers is recorded for the one whose menu was opened', async () => {
    const other = aNumber({ property: 'phone', recipient: '+33612345611' });
    const view = await opened({ numbers: [aNumber(), other] });
    view.open(1);
    view.api.optOuts.willAnswer(null);
    view.submit().trigger('onClick');
    await vi.waitFor(() => expect(view.api.optOuts.asked[0]?.recipient).toBe('+33612345611'));
  });

  it('that fails says whether it was recorded, and keeps the form', async () => {
    const view = await opened();
    view.open();
    view.api.optOuts.willAnswer(new ApiError('unreachable'));
    view.submit().trigger('onClick');
    await view.waitFor(() => {
      const alert = view.find(Alert, { title: 'L’enregistrement n’est pas confirmé' });
      expect(alert.text).toContain('nous ne savons pas si le désabonnement a été enregistré');
    });
    expect(view.submit().props.loading).toBe(false);
  });

  it('is not offered to users who may not send, nor for a number that has opted out', async () => {
    expect((await opened({ may_send: false })).openers()).toEqual([]);
    expect((await opened({ numbers: [aNumber({ is_opted_out: true })] })).openers()).toEqual([]);
    expect((await opened({ numbers: [] })).openers()).toEqual([]);
  });
});

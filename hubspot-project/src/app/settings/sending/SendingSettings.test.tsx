/** The settings' view of sending: the switch, the waiting messages, the limits, and the right to change them. */
import { ApiError, type Outgoing } from '@connector/api';
import { pending, renderer, someOutgoing, somePreferences } from '@connector/api/testing';
import {
  Alert,
  Button,
  DescriptionListItem,
  Form,
  Input,
  LoadingButton,
  StatisticsItem,
  StatusTag,
} from '@hubspot/ui-extensions';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SendingSettings } from './SendingSettings';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const PAUSED = someOutgoing({ paused_at: '2026-11-23T13:05:00Z', paused_by_user_id: 501 });
const WAITING = someOutgoing({ waiting: { queued: 3, scheduled: 0, resolving: 1 } });

async function opened(answer: Outgoing | ApiError, language: 'fr' | 'en' = 'fr') {
  const view = renderer('settings', language);
  view.api.outgoing.willAnswer(answer);
  view.api.preferences.willAnswer(somePreferences());
  view.render(<SendingSettings />);
  const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
  await settle();
  await settle(); // the preferences are read once the tab is drawn
  const pressed = async (node: { trigger: (event: 'onClick') => void }) => {
    node.trigger('onClick');
    await settle();
  };
  return {
    ...view,
    settle,
    press: (text: string) => pressed(view.find(Button, (each) => each.text === text)),
    confirm: (text: string) => pressed(view.find(LoadingButton, (each) => each.text === text)),
    type: (name: string, value: string) => view.find(Input, { name }).trigger('onInput', value as never),
    saveButton: () => view.find(LoadingButton, (each) => each.props.type === 'submit'),
    save: async () => {
      view.find(Form).trigger('onSubmit');
      await settle();
    },
    alert: () => view.mocks.actions.addAlert.calls.at(-1)?.[0],
    figures: () => view.findAll(StatisticsItem).map(({ props }) => `${props.label}: ${props.number}`),
  };
}

describe('whether messages leave', () => {
  it('is said', async () => {
    const view = await opened(someOutgoing());
    expect(view.find(StatusTag).text).toBe('Envois actifs');
    expect(view.maybeFind(Alert)).toBeNull();
  });

  it('is not claimed while SMSFactor takes nothing', async () => {
    const view = await opened(someOutgoing({ held_by: 'gateway_no_credits' }), 'en');
    expect(view.maybeFind(StatusTag)).toBeNull();
    expect(view.find(Alert).props.title).toBe('SMS are waiting');
    expect(view.find(Alert).text).toContain('not have enough credits');
  });

  it.each([
    [
      { paused_by_email: 'ines@lumen.example' },
      'En pause depuis le 23 nov. 2026, 14:05, par ines@lumen.example.',
    ],
    [{ paused_by_email: null }, 'En pause depuis le 23 nov. 2026, 14:05.'],
  ])('says since when nothing does, and by whom where that is known', async (who, sentence) => {
    const view = await opened({ ...PAUSED, ...who });
    expect(view.find(Alert).props.title).toBe('Envois en pause');
    expect(view.seen()).toContain(sentence);
  });

  it('says "you" to the one who paused', async () => {
    const view = renderer('settings', 'en');
    const mine = view.mocks.context.user.id;
    view.api.outgoing.willAnswer({ ...PAUSED, paused_by_user_id: mine, paused_by_email: 'me@lumen.example' });
    view.api.preferences.willAnswer(somePreferences());
    view.render(<SendingSettings />);
    await vi.advanceTimersByTimeAsync(0);
    expect(view.seen()).toContain('by you.');
  });
});

describe('pausing', () => {
  it('asks first, and can be thought better of', async () => {
    const view = await opened(someOutgoing());
    await view.press('Mettre tous les envois en pause');
    expect(view.seen()).toContain('Plus aucun SMS ne partira');
    await view.press('Non, laisser partir');
    expect(view.api.pauses.asked).toHaveLength(0);
    expect(view.seen()).not.toContain('Plus aucun SMS ne partira');
  });

  it('shows the pause, and resumes without a question', async () => {
    const view = await opened(someOutgoing());
    view.api.pauses.willAnswer(PAUSED);
    await view.press('Mettre tous les envois en pause');
    await view.confirm('Oui, tout mettre en pause');
    expect(view.find(Alert).props.title).toBe('Envois en pause');
    expect(view.alert()).toMatchObject({ type: 'success' });
    view.api.resumes.willAnswer(someOutgoing());
    await view.confirm('Reprendre les envois');
    expect(view.find(StatusTag).text).toBe('Envois actifs');
    expect(view.api.resumes.asked).toHaveLength(1);
  });

  it('pauses once, however often it is pressed', async () => {
    const view = await opened(someOutgoing());
    const { answer, give } = pending<Outgoing>();
    view.api.pauses.willAnswer(answer);
    await view.press('Mettre tous les envois en pause');
    await view.confirm('Oui, tout mettre en pause');
    await view.confirm('Oui, tout mettre en pause');
    give(PAUSED);
    await view.settle();
    expect(view.api.pauses.asked).toHaveLength(1);
  });

  it('reads again what holds when the answer was lost', async () => {
    const view = await opened(someOutgoing(), 'en');
    view.api.pauses.willAnswer(new ApiError('unreachable'));
    view.api.outgoing.willAnswer(PAUSED);
    await view.press('Pause all sending');
    await view.confirm('Yes, pause everything');
    expect(view.alert()).toMatchObject({ type: 'warning', title: 'The change is not confirmed' });
    expect(view.find(Alert).props.title).toBe('Sending is paused');
  });
});

describe('the figures', () => {
  it('tell what waits by what it waits for, and the hour against its limit', async () => {
    const view = await opened({ ...WAITING, hourly_cap: 2000, sent_this_hour: 150 });
    expect(view.figures()).toEqual([
      'SMS prêts à partir: 3',
      'SMS en préparation: 1',
      'SMS programmés: 0',
      'SMS de workflows cette heure-ci: 150 sur 2\u202f000',
    ]);
    expect(view.seen()).toContain('L’heure suivante commence à 15:00.');
  });

  it('say when a full hour ends', async () => {
    const view = await opened(someOutgoing({ hourly_cap: 100, sent_this_hour: 100 }), 'en');
    expect(view.figures().at(-1)).toBe('Workflow SMS this hour: 100 of 100');
    expect(view.seen()).toContain('The hourly limit is reached: further workflow SMS are sent from 15:00.');
  });

  it('are read again while something waits, and no longer', async () => {
    const view = await opened(WAITING);
    view.api.outgoing.willAnswer(someOutgoing());
    await view.settle(2_000);
    expect(view.figures()[0]).toBe('SMS prêts à partir: 0');
    const asked = view.api.outgoing.asked.length;
    await view.settle(600_000);
    expect(view.api.outgoing.asked).toHaveLength(asked);
  });
});

describe('the limits', () => {
  it('are saved at once, with what the view has no field for', async () => {
    const ages = { card: 24, reply: 12, workflow: 24, bulk: 48 };
    const view = await opened(someOutgoing({ max_ages_h: ages, pace_per_minute: 600 }));
    expect(view.saveButton().props.disabled).toBe(true);
    view.type('hourly_cap', '2 000');
    view.type('pace_per_minute', '');
    view.type('workflow', '6 h');
    view.type('once_within_h', '48');
    view.api.outgoingLimits.willAnswer(
      someOutgoing({ hourly_cap: 2000, max_ages_h: { ...ages, workflow: 6 }, once_within_h: 48 }),
    );
    await view.save();
    expect(view.api.outgoingLimits.asked).toEqual([
      {
        hourly_cap: 2000,
        pace_per_minute: null,
        max_ages_h: { ...ages, workflow: 6 },
        once_within_h: 48,
      },
    ]);
    expect(view.alert()).toMatchObject({ type: 'success', message: 'Les limites sont enregistrées.' });
    expect(view.find(Input, { name: 'hourly_cap' }).props.value).toBe('2000');
    expect(view.saveButton().props.disabled).toBe(true);
  });

  it.each([
    ['hourly_cap', '0'],
    ['hourly_cap', '1000001'],
    ['pace_per_minute', '-5'],
    ['pace_per_minute', '1,5'],
    ['card', ''],
    ['workflow', '169'],
    ['workflow', 'un jour'],
    ['workflow', '2 hh'],
    ['hourly_cap', '2 h'],
    ['once_within_h', '169'],
  ])('refuse %s = "%s" and say what is right', async (name, value) => {
    const view = await opened(someOutgoing());
    view.type(name, value);
    const { props } = view.find(Input, { name });
    expect(props.error).toBe(true);
    expect(props.validationMessage).toContain('Saisissez un nombre entier de 1 à');
    expect(view.saveButton().props.disabled).toBe(true);
    await view.save();
    expect(view.api.outgoingLimits.asked).toHaveLength(0);
  });

  it('stop and permit equal texts, which an empty field does', async () => {
    const view = await opened(someOutgoing({ once_within_h: 24 }));
    expect(view.find(Input, { name: 'once_within_h' }).props.value).toBe('24\u00a0h');
    view.type('once_within_h', '');
    view.api.outgoingLimits.willAnswer(someOutgoing());
    await view.save();
    expect(view.api.outgoingLimits.asked[0]).toMatchObject({ once_within_h: null });
  });

  it('keep what is typed while the figures are read again', async () => {
    const view = await opened(WAITING);
    view.type('hourly_cap', '500');
    await view.settle(2_000);
    expect(view.find(Input, { name: 'hourly_cap' }).props.value).toBe('500');
  });

  it('keep what is typed when they are refused', async () => {
    const view = await opened(someOutgoing(), 'en');
    view.api.outgoingLimits.willAnswer(new ApiError('bad_request', { field: 'hourly_cap' }));
    view.type('hourly_cap', '500');
    await view.save();
    expect(view.alert()).toMatchObject({ type: 'danger', title: 'Nothing was changed' });
    expect(view.find(Input, { name: 'hourly_cap' }).props.value).toBe('500');
  });
});

describe('someone without the right', () => {
  it('reads everything and is offered no change', async () => {
    const view = await opened({ ...PAUSED, hourly_cap: 2000, may_edit: false });
    expect(view.maybeFind(Form)).toBeNull();
    expect(view.maybeFind(Button)).toBeNull();
    expect(view.maybeFind(LoadingButton)).toBeNull();
    expect(view.findAll(DescriptionListItem)).toHaveLength(5);
    expect(view.seen()).toContain(
      'SMS par heure, au plus\n2\u202f000\nSMS par minute, au plus\nPas de limite',
    );
    expect(view.seen()).toContain('Seuls les administrateurs');
  });
});

describe('an answer that does not come', () => {
  it('is an error with the way to try again', async () => {
    const view = await opened(new ApiError('internal'), 'en');
    expect(view.seen()).toContain('Sending cannot be shown');
    view.api.outgoing.willAnswer(someOutgoing());
    await view.press('Try again');
    expect(view.find(StatusTag).text).toBe('Sending is on');
  });
});

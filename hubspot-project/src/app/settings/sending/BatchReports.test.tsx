/** The switch for links to the reports of batches in timeline events. */
import { ApiError, type Preferences } from '@connector/api';
import { pending, renderer, somePreferences } from '@connector/api/testing';
import { Toggle } from '@hubspot/ui-extensions';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BatchReports } from './BatchReports';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function opened(answer: Preferences | ApiError, language: 'fr' | 'en' = 'fr', mayEdit = true) {
  const view = renderer('settings', language);
  view.api.preferences.willAnswer(answer);
  view.render(<BatchReports mayEdit={mayEdit} />);
  const settle = () => vi.advanceTimersByTimeAsync(0);
  await settle();
  return {
    ...view,
    settle,
    shown: () => view.find(Toggle).props,
    toggle: async (checked: boolean) => {
      view.find(Toggle).trigger('onChange', checked as never);
      await settle();
    },
    alert: () => view.mocks.actions.addAlert.calls.at(-1)?.[0],
  };
}

it('is off at first, and is saved with the other preferences as they are', async () => {
  const preferences = somePreferences({ default_sender: 'LUMEN' });
  const view = await opened(preferences);
  expect(view.shown()).toMatchObject({
    label: 'Lien vers le rapport dans la chronologie',
    checked: false,
    readOnly: false,
  });
  view.api.preferenceSaves.willAnswer({ ...preferences, hide_batch_reports: false });
  await view.toggle(true);
  expect(view.api.preferenceSaves.asked).toEqual([{ ...preferences, hide_batch_reports: false }]);
  expect(view.alert()).toMatchObject({ type: 'success', message: 'Le réglage est enregistré.' });
  expect(view.shown().checked).toBe(true);
  view.api.preferenceSaves.willAnswer(preferences);
  await view.toggle(false);
  expect(view.api.preferenceSaves.asked[1]).toEqual(preferences);
  expect(view.shown().checked).toBe(false);
});

it('cannot be pressed twice while it is saved', async () => {
  const view = await opened(somePreferences());
  const { answer, give } = pending<Preferences>();
  view.api.preferenceSaves.willAnswer(answer);
  await view.toggle(true);
  expect(view.shown().readOnly).toBe(true);
  give(somePreferences({ hide_batch_reports: false }));
  await view.settle();
  expect(view.shown()).toMatchObject({ readOnly: false, checked: true });
});

it('stays as it was when the change is refused', async () => {
  const view = await opened(somePreferences(), 'en');
  view.api.preferenceSaves.willAnswer(new ApiError('bad_request', { field: 'phone_properties' }));
  await view.toggle(true);
  expect(view.alert()).toMatchObject({ type: 'danger', title: 'Nothing was changed' });
  expect(view.shown().checked).toBe(false);
});

it('shows what holds to someone without the right', async () => {
  const view = await opened(somePreferences({ hide_batch_reports: false }), 'en', false);
  expect(view.shown()).toMatchObject({ readOnly: true, checked: true });
});

it('is missing with its reason when it cannot be read', async () => {
  const view = await opened(new ApiError('internal'), 'en');
  expect(view.maybeFind(Toggle)).toBeNull();
  expect(view.seen()).toContain('This setting cannot be shown');
});

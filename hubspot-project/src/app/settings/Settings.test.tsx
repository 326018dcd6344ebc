/** The tabs of the settings. */
import { renderer, someOutgoing, someSettings } from '@connector/api/testing';
import { Tab, Tabs } from '@hubspot/ui-extensions';
import { expect, it } from 'vitest';
import { Settings } from './Settings';

it('open on the account; what is sent is read when its tab is looked at', async () => {
  const view = renderer('settings');
  view.api.settings.willAnswer(someSettings());
  view.api.outgoing.willAnswer(someOutgoing());
  view.render(<Settings />);
  await view.waitFor(() => expect(view.seen()).toContain('Atelier Lumen'));
  expect(view.findAll(Tab).map(({ props }) => props.title)).toEqual(['Compte', 'Envois']);
  expect(view.api.outgoing.asked).toHaveLength(0);
  view.find(Tabs).trigger('onSelectedChange', 'sending' as never);
  await view.waitFor(() => expect(view.seen()).toContain('Envois actifs'));
  expect(view.seen()).toContain('Atelier Lumen');
});

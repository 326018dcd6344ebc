/** Renders a view with HubSpot's own test renderer, in the language of the test and against a fake backend. */
import { createRenderer } from '@hubspot/ui-extensions/testing';
import { act, type ReactNode } from 'react';
import { ApiContext } from '../api';
import { FakeApi } from './fake-api';

/** HubSpot's own patience is one second of real time, which a machine with other work does not keep. */
const PATIENCE_MS = 30_000;

type Location = 'crm.record.sidebar' | 'settings';

export function renderer<L extends Location>(location: L, language: 'en' | 'fr' = 'fr') {
  const inner = createRenderer(location);
  const api = new FakeApi();
  const { context } = inner.mocks;
  Object.assign(context.user, { language, locale: language === 'fr' ? 'fr-fr' : 'en-gb' });
  Object.assign(context.portal, { timezone: 'Europe/Paris' });
  context.variables = { PLATFORM_URL: 'https://platform.example/' };
  return {
    ...inner,
    api,
    /** Draws the view and runs its effects, so that its first calls have been made. */
    render: (view: ReactNode) =>
      act(() => {
        inner.render(<ApiContext.Provider value={api}>{view}</ApiContext.Provider>);
      }),
    /** Waits until a check passes, after each change of what is drawn. */
    waitFor: (check: () => void) => inner.waitFor(check, { timeoutInMs: PATIENCE_MS }),
    /** All visible text in one string, for checks that a text appears anywhere. */
    seen: () => seenIn(inner.getRootNode()),
  };
}

interface Node {
  text?: string | null;
  props?: Record<string, unknown>;
  childNodes?: readonly unknown[];
}

const READ_PROPS = ['title', 'label', 'number', 'description', 'placeholder', 'validationMessage', 'overlay'];

function seenIn(node: unknown): string {
  if (typeof node === 'string' || typeof node === 'number') return String(node);
  if (typeof node !== 'object' || node === null) return '';
  const { text, props = {}, childNodes } = node as Node;
  const own = READ_PROPS.map((name) => seenIn(props[name]));
  const options = Array.isArray(props.options) ? props.options.map(optionText) : [];
  const inside = childNodes?.length ? childNodes.map(seenIn) : [text ?? ''];
  return [...own, ...options, ...inside].filter(Boolean).join('\n');
}

function optionText(option: { label?: string; description?: string }): string {
  return `${option.label ?? ''}\n${option.description ?? ''}`;
}

/** Uses the composer as a person does: fields by name, buttons by their words. Needs vitest's fake timers. */
import type { ApiError, CardData, Preview, SendResult, StoredDraft } from '@connector/api';
import { aCard, aMessage, aPreview, renderer } from '@connector/api/testing';
import {
  Accordion,
  Button,
  Checkbox,
  DateInput,
  Input,
  LoadingButton,
  Panel,
  PanelFooter,
  SearchInput,
  Select,
  TextArea,
  TimeInput,
  Toggle,
  ToggleGroup,
} from '@hubspot/ui-extensions';
import { vi } from 'vitest';
import { Card } from '../../card/Card';
import { PREVIEW_DELAY_MS } from '../usePreview';

interface Start {
  card?: CardData;
  language?: 'fr' | 'en';
  preview?: Preview | ApiError;
  objectTypeId?: '0-1' | '0-2' | '0-3';
  /** What the backend has stored; the card says so. */
  stored?: StoredDraft | Promise<StoredDraft | ApiError>;
  /** As a person finds it: sender and time are folded. */
  folded?: boolean;
}

const OPENER = { fr: 'Envoyer un SMS', en: 'Send an SMS' };
const FIELDS = { Input, TextArea, SearchInput, Select, Toggle, ToggleGroup, DateInput, TimeInput };

/** The card with its composer open. */
export async function openComposer({
  card,
  language = 'fr',
  preview,
  objectTypeId = '0-1',
  stored,
  folded = false,
}: Start = {}) {
  const view = renderer('crm.record.sidebar', language);
  Object.assign(view.mocks.context.crm, { objectTypeId, objectId: 501 });
  view.api.cards.willAnswer(card ?? aCard({ has_draft: Boolean(stored) }));
  if (stored) view.api.drafts.willAnswer(stored);
  view.api.previews.willAnswer(preview ?? aPreview());
  view.render(<Card />);
  const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
  await settle();

  const opener = () => view.find(Button, ({ text }) => text === OPENER[language]);
  const panel = () => {
    const found = opener().props.overlay?.find(Panel);
    if (!found) throw new Error('The button opens no panel.');
    return found;
  };
  const field = <Name extends keyof typeof FIELDS>(type: Name, name: string) =>
    panel().find(FIELDS[type] as (typeof FIELDS)['Input'], { name });
  const button = (text: string) =>
    panel().maybeFind(Button, (each) => each.text === text) ??
    panel().find(LoadingButton, (each) => each.text === text);
  const sendButton = () => panel().find(PanelFooter).find(LoadingButton);
  opener().trigger('onClick');
  const fold = (start: string) => panel().find(Accordion, ({ props }) => props.title.startsWith(start));
  const FOLDS = {
    fr: { departure: 'De', template: 'Modèle' },
    en: { departure: 'From', template: 'Template' },
  };
  const openFold = async (name: 'departure' | 'template') => {
    fold(FOLDS[language][name]).trigger('onClick');
    await settle();
  };
  if (!folded) await openFold('departure');

  return {
    ...view,
    settle,
    fold: (name: 'departure' | 'template') => fold(FOLDS[language][name]).props,
    openFold,
    opener,
    panel,
    button,
    maybeButton: (text: string) =>
      panel().maybeFind(Button, (each) => each.text === text) ??
      panel().maybeFind(LoadingButton, (each) => each.text === text),
    press: async (text: string) => {
      button(text).trigger('onClick');
      await settle();
    },
    field,
    type: (name: string, text: string) => field('Input', name).trigger('onInput', text as never),
    write: (text: string) =>
      panel()
        .find(TextArea, { name: 'text' })
        .trigger('onInput', text as never),
    text: () => panel().find(TextArea, { name: 'text' }).props,
    choose: (name: string, value: string) =>
      panel()
        .find(Select, { name })
        .trigger('onChange', value as never),
    select: (name: string) => panel().find(Select, { name }).props,
    pick: (name: string, value: string) =>
      panel()
        .find(ToggleGroup, { name })
        .trigger('onChange', value as never),
    allow: (on = true) =>
      panel()
        .find(Checkbox, { name: 'unicode' })
        .trigger('onChange', on as never),
    toggle: (name: string, on = true) =>
      panel()
        .find(Toggle, { name })
        .trigger('onChange', on as never),
    /** Lets the writer pause until the preview arrives. */
    previewed: () => settle(PREVIEW_DELAY_MS),
    sendButton,
    send: () => sendButton().trigger('onClick'),
    keys: () => view.api.sends.asked.map((command) => command.idempotency_key),
    alerts: () => view.mocks.actions.addAlert.calls.map(([alert]) => alert),
  };
}

/** The backend's answer to an accepted message. */
export function taken(changes: Partial<SendResult['message']> = {}, repeated = false): SendResult {
  const message = aMessage({
    ...{ id: 'new', status: 'queued', final: false, report_url: null, text: 'Bonjour' },
    ...changes,
  });
  return { message, repeated };
}

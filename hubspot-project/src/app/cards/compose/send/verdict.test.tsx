/** SMSFactor's verdict on a message is shown above the button and in the preview; only one on the number prevents sending. */
import { aPreview } from '@connector/api/testing';
import { Alert, LoadingButton, PanelBody, PanelFooter, Text } from '@hubspot/ui-extensions';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openComposer, taken } from '../testing/driver';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a verdict of SMSFactor', () => {
  it.each([
    [
      'fr',
      'SMSFactor n’enverrait pas ce SMS',
      'Le numéro n’est pas attribué. SMSFactor n’enverrait rien',
      'ne facturerait rien',
    ],
    [
      'en',
      'SMSFactor would not send this SMS',
      'not assigned to anyone. SMSFactor would send nothing',
      'charge nothing',
    ],
  ] as const)(
    'says in %s, above the button, that SMSFactor would leave the number out, and offers no sending',
    async (language, title, why, cost) => {
      const warnings = [{ code: 'gateway_would_refuse', params: { reason: 'npai' } }];
      const view = await openComposer({ preview: aPreview({ cost_credits: 0, warnings }), language });
      view.write('Bonjour');
      await view.previewed();
      const alert = view.panel().find(PanelBody).find(Alert);
      expect(view.panel().find(PanelFooter).find(Text).text).toBe(title);
      expect(alert.props).toMatchObject({ title, variant: 'danger' });
      expect(alert.text).toContain(why);
      expect(alert.text).toContain(cost);
      expect(view.seen().split(why)).toHaveLength(2);
      expect(view.seen()).not.toMatch(/Part maintenant|Leaves now/);
      expect(view.panel().find(PanelFooter).maybeFind(LoadingButton)).toBeNull();
    },
  );

  it.each([
    ['fr', 'Pas assez de crédits pour ce SMS', 'il attendra 24\u00a0h au plus'],
    ['en', 'Not enough credits for this SMS', 'it will wait for at most 24\u00a0h'],
  ] as const)(
    'says in %s what happens without credits, and lets it be sent',
    async (language, title, what) => {
      const warnings = [{ code: 'credits_short', params: { hours: 24 } }];
      const view = await openComposer({ preview: aPreview({ cost_credits: null, warnings }), language });
      view.write('Bonjour');
      await view.previewed();
      const alert = view.panel().find(PanelBody).find(Alert);
      expect(view.panel().find(PanelFooter).find(Text).text).toBe(title);
      expect(alert.props.title).toBe(title);
      expect(alert.text).toContain(what);
      expect(view.seen()).not.toMatch(/non communiqué|not told/);
      expect(view.sendButton().props.disabled).toBe(false);
    },
  );

  it.each(['flood', 'not_allowed', 'gateway_invalid'])(
    'that is not about the number (%s) promises no SMS and no price, and lets it be sent',
    async (reason) => {
      const warnings = [{ code: 'gateway_would_refuse', params: { reason } }];
      const view = await openComposer({ preview: aPreview({ cost_credits: 0, warnings }) });
      view.write('Bonjour');
      await view.previewed();
      expect(view.sendButton()).toMatchObject({ text: 'Envoyer quand même', props: { disabled: false } });
    },
  );
});

describe('sending that is paused', () => {
  it.each([
    ['fr', 'portal_paused', 'Il ne partira pas tout de suite', 'dès que les envois reprennent'],
    ['en', 'gateway_no_credits', 'It will not leave at once', 'as soon as sending resumes'],
  ] as const)('is told in %s before the SMS is sent: %s', async (language, held_by, title, line) => {
    const view = await openComposer({ preview: aPreview({ held_by }), language });
    view.write('Bonjour');
    await view.previewed();
    expect(view.panel().find(PanelBody).find(Alert).props.title).toBe(title);
    expect(view.panel().find(PanelFooter).find(Text).text).toContain(line);
    expect(view.seen()).not.toMatch(/Part maintenant|Leaves now/);
    expect(view.sendButton().props.disabled).toBe(false);
  });

  it('says nothing of an SMS for later', async () => {
    const view = await openComposer({ preview: aPreview({ held_by: 'portal_paused', is_delayed: true }) });
    view.write('Bonjour');
    await view.previewed();
    expect(view.seen()).not.toContain('Il ne partira pas tout de suite');
  });

  it('is told after it as well', async () => {
    const view = await openComposer();
    view.write('Bonjour');
    await view.previewed();
    view.api.sends.willAnswer(taken({ reason: 'portal_paused' }));
    view.send();
    await view.settle();
    expect(view.alerts()[0]).toMatchObject({ type: 'info', message: expect.stringContaining('en pause') });
    expect(view.alerts()[0]?.message).not.toContain('en route');
  });
});

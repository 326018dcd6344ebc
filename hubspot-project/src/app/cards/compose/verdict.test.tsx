/** SMSFactor's verdict on a message is shown above the button and in the preview, and does not prevent sending. */
import { aPreview } from '@connector/api/testing';
import { Alert, PanelBody, PanelFooter, Text } from '@hubspot/ui-extensions';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openComposer } from './testing/driver';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a verdict of SMSFactor', () => {
  it.each([
    [
      'fr',
      'SMSFactor n’enverrait pas ce SMS',
      'Le numéro n’est pas attribué. Vous pouvez',
      'rien ne serait facturé',
    ],
    [
      'en',
      'SMSFactor would not send this SMS',
      'not assigned to anyone. You can',
      'nothing would be charged',
    ],
  ] as const)(
    'says in %s, above the button, that SMSFactor would leave it out',
    async (language, title, why, cost) => {
      const warnings = [{ code: 'gateway_would_refuse', params: { reason: 'npai' } }];
      const view = await openComposer({ preview: aPreview({ cost_credits: 0, warnings }), language });
      view.write('Bonjour');
      await view.previewed();
      const alert = view.panel().find(PanelBody).find(Alert);
      expect(view.panel().find(PanelFooter).find(Text).text).toContain(`${title} · `);
      expect(alert.props).toMatchObject({ title, variant: 'warning' });
      expect(alert.text).toContain(why);
      expect(alert.text).toContain(cost);
      expect(view.seen().split(why)).toHaveLength(2);
      expect(view.seen()).toContain(language === 'fr' ? '1 SMS · 0 crédit\n' : '1 SMS · 0 credits\n');
      expect(view.seen()).not.toMatch(/dès maintenant|right now/);
      expect(view.sendButton().props.disabled).toBe(false);
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
      expect(view.panel().find(PanelFooter).find(Text).text).toContain(`${title} · `);
      expect(alert.props.title).toBe(title);
      expect(alert.text).toContain(what);
      expect(view.seen()).not.toMatch(/non communiqué|not told/);
      expect(view.sendButton().props.disabled).toBe(false);
    },
  );
});

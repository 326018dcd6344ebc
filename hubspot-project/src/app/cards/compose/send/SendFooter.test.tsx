/** The footer keeps its height when an answer arrives: a growing footer would cover the element about to be pressed. */
import { ApiError } from '@connector/api';
import { aPreview } from '@connector/api/testing';
import { Alert, Button, PanelBody, PanelFooter, Text } from '@hubspot/ui-extensions';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openComposer } from '../testing/driver';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the footer', () => {
  const refused = new ApiError('property_missing', { names: ['Ville'] });
  const verdict = { code: 'gateway_would_refuse', params: { reason: 'npai' } };
  it.each([
    ['a preview', aPreview(), 'Part maintenant.'],
    ['a preview with a verdict', aPreview({ warnings: [verdict] }), 'SMSFactor n’enverrait pas ce SMS'],
    ['a refusal', refused, 'pas de valeur pour «\u00a0Ville\u00a0»'],
    ['special characters', new ApiError('text_not_gsm7', { characters: ['🌸'] }), 'caractères spéciaux'],
    ['no answer', new ApiError('unreachable'), 'injoignable'],
  ])('has one line and one button, also after %s', async (_, preview, line) => {
    const view = await openComposer({ preview });
    const shape = () => {
      const footer = view.panel().find(PanelFooter);
      const texts = footer.findAll(Text).map(({ props }) => Boolean(props.truncate));
      return { texts, alerts: footer.findAll(Alert).length, buttons: footer.findAll(Button).length };
    };
    expect(shape()).toEqual({ texts: [true], alerts: 0, buttons: 0 });
    view.write('Bonjour');
    const before = shape();
    expect(before).toEqual({ texts: [true], alerts: 0, buttons: 1 });
    await view.previewed();
    expect(shape()).toEqual(before);
    expect(view.panel().find(PanelFooter).find(Text).text).toContain(line);
  });

  it('says in the preview why a message is refused, with the ways out', async () => {
    const view = await openComposer({ preview: new ApiError('text_not_gsm7', { characters: ['🌸'] }) });
    view.write('Bonjour');
    await view.previewed();
    const body = view.panel().find(PanelBody);
    expect(body.find(Alert).text).toContain('«\u00a0🌸\u00a0»');
    const buttons = body.findAll(Button).map(({ text }) => text);
    expect(buttons.slice(-3)).toEqual(['Garder', 'Retirer', 'Réessayer']);
  });
});

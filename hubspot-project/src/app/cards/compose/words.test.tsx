/** The composer is calm: few words before typing, not many in its fullest state, and none twice. */
import { aCard, aNumber, aPreview } from '@connector/api/testing';
import { Alert, Checkbox, PanelBody, TextArea } from '@hubspot/ui-extensions';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openComposer } from './testing/driver';
import { repeatedIn, wordsOf } from './testing/words';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const languages = ['fr', 'en'] as const;

describe('the words of the composer', () => {
  it.each(languages)('are at most 60 in %s before anything is typed', async (language) => {
    const view = await openComposer({ language, folded: true });
    const words = wordsOf(view.panel());
    expect(words.length, words.join(' ')).toBeLessThanOrEqual(60);
    expect(words.length).toBeGreaterThan(20);
    expect(repeatedIn(view.panel())).toEqual([]);
  });

  it.each(languages)('are at most 110 in %s in its fullest state', async (language) => {
    const warnings = [
      { code: 'characters_replaced', params: { replaced: ['ê', 'À'], removed: [], parts_with: 3 } },
      { code: 'sender_no_reply', params: {} },
      { code: 'multi_part', params: { parts: 2 } },
    ];
    const view = await openComposer({
      language,
      card: aCard({ numbers: [aNumber(), aNumber({ property: 'phone', recipient: '+33698765432' })] }),
      preview: aPreview({
        ...{ text: 'Soldes <-short->', parts: 2, units: 170, cost_credits: 2, warnings },
        ...{ is_delayed: true, effective_at: '2026-11-30T07:00:00Z', recipient_time_zone: 'Indian/Reunion' },
      }),
    });
    view.write('Soldes €');
    view.pick('push_type', 'marketing');
    view.toggle('custom_sender');
    view.type('sender', 'LUMEN');
    await view.press(language === 'fr' ? 'Lien' : 'Link');
    view.type('link', 'lumen.example/soldes');
    await view.press(language === 'fr' ? 'Insérer' : 'Insert');
    await view.previewed();
    const words = wordsOf(view.panel());
    expect(words.length, words.join(' ')).toBeLessThanOrEqual(110);
    expect(repeatedIn(view.panel())).toEqual([]);
  });
});

describe('the order of the composer', () => {
  it('has the text before every other field', async () => {
    const view = await openComposer({ folded: true });
    const fields = view
      .panel()
      .find(PanelBody)
      .findAll(TextArea)
      .map(({ props }) => props.name);
    expect(fields[0]).toBe('text');
    const names = inOrder(view.panel()).filter((name) =>
      /Area|Checkbox|Group|Select|Input|Toggle/.test(name),
    );
    expect(names[0]).toBe('TextArea');
    expect(names).toEqual(['TextArea', 'Checkbox', 'ToggleGroup']);
    expect(view.panel().findAll(Checkbox)).toHaveLength(1);
  });
});

describe('the colours of the composer', () => {
  it('are amber for replaced characters only', async () => {
    const replaced = { replaced: ['ê'], removed: [], parts_with: 2 };
    const view = await openComposer({
      preview: aPreview({
        held_by: 'portal_paused',
        warnings: [{ code: 'characters_replaced', params: replaced }],
      }),
    });
    view.write('Bonjour');
    await view.previewed();
    const colours = view
      .panel()
      .findAll(Alert)
      .map(({ props }) => props.variant);
    expect(colours).toEqual(['warning', 'info']);
  });

  it('say nothing of blanks that leave as others', async () => {
    const blanks = { replaced: ['\u00a0', '\u202f'], removed: ['\t'], parts_with: 2 };
    const view = await openComposer({
      preview: aPreview({ warnings: [{ code: 'characters_replaced', params: blanks }] }),
    });
    view.write('Bonjour');
    await view.previewed();
    expect(view.panel().maybeFind(Alert)).toBeNull();
  });
});

function inOrder(node: unknown): string[] {
  const { name, childNodes = [] } = (node ?? {}) as { name?: string; childNodes?: readonly unknown[] };
  return [...(name ? [name] : []), ...childNodes.flatMap(inOrder)];
}

/**
 * One word for one thing, in both languages (docs/glossary.md). The definitions of the workflow actions and of the
 * events are compared too: people read them beside the views.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import en from './en.json';
import fr from './fr.json';

/** Words that users must not meet, and the word in their place. */
const FORBIDDEN: Record<'en' | 'fr', [RegExp, string][]> = {
  fr: [
    [/\bportail|\bportal/i, 'compte HubSpot'],
    [/\bjetons?\b(?! d’API)/i, 'propriété'],
    [/\btokens?\b/i, 'propriété, or jeton d’API'],
    [/\b(unicode|gsm-?7|ucs-?2|encodage|septets?)\b/i, 'caractères spéciaux'],
    [/\bpush\b/i, 'type d’envoi'],
    [/\b(désinscri|blacklist|liste noire)/i, 'désabonnement, liste STOP'],
    [/\btemplates?\b/i, 'modèle'],
    [/\btimeline\b/i, 'chronologie'],
  ],
  en: [
    [/\bportals?\b/i, 'HubSpot account'],
    [/(?<!API )\btokens?\b/i, 'property, or API token'],
    [/\b(unicode|gsm-?7|ucs-?2|encoding|septets?)\b/i, 'special characters'],
    [/\b(push type|send type|type of message)\b/i, 'sending type'],
    [/\b(new agreement|unsubscribe|blacklist)/i, 'new consent, opt-out, STOP list'],
    [/\bwhom\b|\bmended\b/i, 'plain English'],
  ],
};

const DEFINITIONS = ['actions.toml', 'outcomes.toml'];

/** The texts of HubSpot's definitions in one language: the lines `name.fr = "…"`. */
function defined(language: 'en' | 'fr'): [string, string][] {
  return DEFINITIONS.flatMap((file) => {
    const lines = readFileSync(resolve('..', '..', 'definitions', file), 'utf8').split('\n');
    return lines.flatMap((line): [string, string][] => {
      const found = new RegExp(`^(\\S+)\\.${language} = "(.*)"`).exec(line);
      return found ? [[`${file}: ${found[1]}`, (found[2] ?? '').replace(/\{\{.*?\}\}/g, '')]] : [];
    });
  });
}

function shown(language: 'en' | 'fr'): [string, string][] {
  const views = Object.entries({ en, fr }[language]).map(([key, text]): [string, string] => [
    key,
    text.replace(/\{\w+\}/g, ''),
  ]);
  return [...views, ...defined(language)];
}

describe.each(['fr', 'en'] as const)('the words in %s', (language) => {
  it('are those of the dictionary of terms', () => {
    const mistakes = shown(language).flatMap(([key, text]) =>
      FORBIDDEN[language]
        .filter(([word]) => word.test(text))
        .map(([, instead]) => `${key}: "${text}" (${instead})`),
    );
    expect(mistakes).toEqual([]);
  });

  it('include those of HubSpot’s own definitions', () => {
    expect(defined(language).length).toBeGreaterThan(50);
  });
});

// Draws an app event's template: the documented part of Handlebars, then Markdown, then a sanitiser.
// Source: HubSpot docs (app events reference). HubSpot's treatment of single line breaks inside a value is
// unconfirmed; here they follow standard Markdown (two spaces make a line break).

import DOMPurify from 'dompurify';
import MarkdownIt from 'markdown-it';
import type { AppEventEntry } from '../../api';
import type { Texts } from '../../texts';
import { fillTemplate } from './handlebars-subset';

const TAGS = [
  'p',
  'br',
  'strong',
  'em',
  's',
  'a',
  'ul',
  'ol',
  'li',
  'code',
  'pre',
  'blockquote',
  'h1',
  'h2',
  'h3',
  'h4',
  'hr',
];

const markdown = new MarkdownIt({ html: false, linkify: false });
const purifier = DOMPurify(window);
purifier.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName !== 'A') return;
  node.setAttribute('target', '_blank');
  node.setAttribute('rel', 'noopener noreferrer');
});

/** The markup without anything that runs, loads or styles; links open a tab of their own. */
export function sanitised(html: string): string {
  return purifier.sanitize(html, { ALLOWED_TAGS: TAGS, ALLOWED_ATTR: ['href', 'target', 'rel'] });
}

export type DrawnTemplate = { html: string } | { problem: string };

export function drawTemplate(template: string, event: AppEventEntry, texts: Texts): DrawnTemplate {
  const values = {
    ...event.properties,
    extraData: event.extra_data ?? {},
    timestamp: event.timestamp,
  };
  try {
    // Values are HTML-escaped; Markdown turns the entities back into text.
    const filled = fillTemplate(template, values, texts.dateTime);
    return { html: sanitised(markdown.render(filled)) };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

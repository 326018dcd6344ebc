/**
 * Links that the gateway shortens. In the field each is a readable mark (« [lien 1] »). For the backend it is the
 * gateway's placeholder, with the addresses beside the text in the same order.
 */
import type { PushType } from '@connector/api';
import { addsStopMention, SHORT_URL_TAG, STOP_TAG } from './segments';

export interface ShortLink {
  /** Fixed for the life of the link, so that marks keep their meaning when another link is removed. */
  number: number;
  url: string;
}

export interface LinkedText {
  /** The text as shown to its writer, with marks. */
  text: string;
  links: ShortLink[];
}

/** The mark of a link in the field, in the writer's language. No mark is part of another one. */
export type MarkOf = (number: number) => string;

/** The backend's limits: length of a URL, and links in one text. */
const MAX_URL_LENGTH = 2000;
export const MAX_LINKS = 10;

/** Blanks as in the backend's Python: four separators and NEL more than in JavaScript, without the byte order mark. */
const BLANK = String.raw`(?!\ufeff)[\s\x1c-\x1f\x85]`;
const REST = String.raw`(?:[^\s\x1c-\x1f\x85]|\ufeff)*`;
const BLANK_END = new RegExp(`(?:${BLANK})+$`, 'u');
/** An address, short or written out, with or without a scheme, up to the next blank: the backend's rule. */
const URL_START = String.raw`(?:<-short->|https?:\/\/|www\.|[\p{L}\p{N}]\.[\p{L}\p{Nl}\p{No}]{2})`;
const ENDS_WITH_URL = new RegExp(`${URL_START}${REST}$`, 'iu');
const STOP_BEHIND_URL = new RegExp(`(${URL_START}${REST}?)<-stop->`, 'giu');

/** The address that a person means, with https by default, or null if no phone could open it. */
export function readUrl(typed: string): string | null {
  const trimmed = typed.trim();
  const url = /^[a-z][a-z\d+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
  if (url.length > MAX_URL_LENGTH || /[\s\p{C}<>"\\{}]/u.test(url)) return null;
  try {
    const { protocol, hostname, username, password } = new URL(url);
    const isWeb = protocol === 'http:' || protocol === 'https:';
    const isPublic = /[\p{L}\p{N}]\.[\p{L}\p{N}]/u.test(hostname);
    return isWeb && isPublic && !username && !password ? url : null;
  } catch {
    return null;
  }
}

/** The first address that the writer typed out in a text, as it stands there; null if there is none. */
export function typedAddress(text: string): string | null {
  for (const [found] of text.matchAll(/(?:https?:\/\/|www\.)[^\s<>]+/giu)) {
    const address = found.replace(/[.,;:!?…)\]}»”"']+$/u, '');
    if (readUrl(address)) return address;
  }
  return null;
}

/** The number for one more link: never that of an existing link. */
export function nextNumber(links: readonly ShortLink[]): number {
  return Math.max(0, ...links.map(({ number }) => number)) + 1;
}

/** Removes a link, with its marks and the blank before each. */
export function withoutLink({ text, links }: LinkedText, number: number, markOf: MarkOf): LinkedText {
  const mark = markOf(number);
  return {
    text: text.replaceAll(` ${mark}`, '').replaceAll(mark, ''),
    links: links.filter((link) => link.number !== number),
  };
}

export interface WireText {
  text: string;
  /** One for each placeholder, in order; a link without a mark in the text is not sent. */
  links: string[];
  /** The numbers of these links. */
  numbers: number[];
}

/** The text as sent. Placeholders that the writer typed stay: the backend refuses them because they have no link. */
export function toWire({ text, links }: LinkedText, markOf: MarkOf): WireText {
  const found: ShortLink[] = [];
  const byMark = new Map(links.map((link) => [markOf(link.number), link]));
  const written = eachMark(text, [...byMark.keys()], (mark) => {
    const link = byMark.get(mark);
    if (link) found.push(link);
    return SHORT_URL_TAG;
  });
  return {
    text: written,
    links: found.map(({ url }) => url),
    numbers: found.map(({ number }) => number),
  };
}

/** The text of a template as shown to its writer. */
export function fromWire(text: string, urls: readonly string[], markOf: MarkOf): LinkedText {
  const links = urls.map((url, index) => ({ number: index + 1, url }));
  return {
    text: showLinks(
      text,
      links.map(({ number }) => number),
      markOf,
    ),
    links,
  };
}

/** Marks in place of the placeholders, for the links of these numbers in their order. */
export function showLinks(text: string, numbers: readonly number[], markOf: MarkOf): string {
  const waiting = [...numbers];
  return eachMark(text, [SHORT_URL_TAG], (tag) => {
    const number = waiting.shift();
    return number === undefined ? tag : markOf(number);
  });
}

/** Links 1, 2, 3… for the placeholders of a text whose links have no other numbers. */
export function linkNumbers(text: string): number[] {
  return text
    .split(SHORT_URL_TAG)
    .slice(1)
    .map((_, index) => index + 1);
}

/** The marks for the gateway's insertions, in the reader's language. */
export interface Marks {
  markOf: MarkOf;
  stop: string;
}

/** A text as sent, or as it would be sent. */
export interface SmsContent {
  text: string;
  push_type: PushType;
  sender: string | null;
}

/** The text with marks for the links of these numbers and for the STOP mention, also where the gateway adds it by itself. */
export function withMarks(sms: SmsContent, numbers: readonly number[], marks: Marks): string {
  return showLinks(withStopTag(sms), numbers, marks.markOf).replaceAll(STOP_TAG, marks.stop);
}

/** The text with the gateway's placeholder also where the gateway adds the STOP mention by itself. */
export function withStopTag({ text, push_type, sender }: SmsContent): string {
  const isAdded = addsStopMention(push_type, sender) && !text.includes(STOP_TAG);
  return isAdded ? `${text.trimEnd()} ${STOP_TAG}` : text;
}

/**
 * The text as counted: the STOP mention starts a new line, as in the backend, where it would become part of an
 * address.
 */
export function withStopPlaced(text: string, pushType: PushType, sender: string | null): string {
  if (text.includes(STOP_TAG)) return text.replace(STOP_BEHIND_URL, `$1\n${STOP_TAG}`);
  const trimmed = text.replace(BLANK_END, '');
  const isGlued = addsStopMention(pushType, sender) && ENDS_WITH_URL.test(trimmed);
  return isGlued ? `${trimmed}\n${STOP_TAG}` : text;
}

function eachMark(text: string, marks: string[], change: (mark: string) => string): string {
  if (!marks.length) return text;
  const pattern = marks.map((mark) => mark.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  return text.replace(new RegExp(pattern, 'g'), change);
}

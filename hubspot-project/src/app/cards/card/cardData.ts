/** Queries on the data of a card, and the one change that the card makes to them itself. */
import type { CardData, Message } from '@connector/api';
import { usableNumbers } from '../compose/recipients';
import { isFilled } from './numbers';

/** Messages that the card lists. */
const SHOWN_MESSAGES = 3;

/** The reason why an SMS can or cannot be sent to this record now. */
export type Readiness =
  | 'ready'
  | 'not_linked'
  | 'not_allowed'
  | 'no_number'
  | 'no_usable_number'
  | 'opted_out'
  | 'unassigned';

export function readiness(data: CardData): Readiness {
  if (data.account.state === 'not_linked') return 'not_linked';
  if (!data.may_send) return 'not_allowed';
  const usable = usableNumbers(data.numbers);
  if (!usable.length) return data.numbers.some(isFilled) ? 'no_usable_number' : 'no_number';
  // Whoever has opted out gets alerts at most, and only where the portal allows them.
  const open = usable.filter(({ is_opted_out }) => !is_opted_out || data.alert_rule === 'allow');
  if (!open.length) return 'opted_out';
  return open.every(({ is_npai }) => is_npai) ? 'unassigned' : 'ready';
}

/** Whether the status of a message can still change. */
export function isUnderWay(message: Message): boolean {
  return !message.final;
}

/** The latest messages without the scheduled and the held ones, which have lists of their own. */
export function latestMessages({ messages, scheduled, held }: CardData): Message[] {
  const waiting = new Set([...scheduled, ...held].map(({ id }) => id));
  return messages.filter(({ id }) => !waiting.has(id));
}

/** The data right after a message was sent, scheduled or cancelled. Counts come from the backend. */
export function withMessage(data: CardData, changed: Message): CardData {
  const message = withPerson(data, changed);
  const isOther = ({ id }: Message) => id !== message.id;
  const scheduled = data.scheduled.filter(isOther);
  const held = data.held.filter(isOther);
  const others = data.scheduled_count - (data.scheduled.length - scheduled.length);
  if (message.status === 'scheduled') {
    return { ...data, held, scheduled: [...scheduled, message].sort(bySoonest), scheduled_count: others + 1 };
  }
  const messages = [message, ...data.messages.filter(isOther)].slice(0, SHOWN_MESSAGES);
  return { ...data, held, scheduled, scheduled_count: others, messages };
}

/** Only opening the card finds the owners of a deal's numbers: a number that two people share gets its name then. */
function withPerson(data: CardData, message: Message): Message {
  const shown = [...data.messages, ...data.scheduled].find(({ id }) => id === message.id);
  const owners = new Set(
    data.numbers
      .filter(({ recipient }) => recipient === message.recipient)
      .map((number) => number.owner_name),
  );
  const [owner = null] = owners.size === 1 ? owners : [];
  return { ...message, person_name: message.person_name ?? shown?.person_name ?? owner };
}

function bySoonest(a: Message, b: Message): number {
  return Date.parse(a.due_at ?? a.at) - Date.parse(b.due_at ?? b.at);
}

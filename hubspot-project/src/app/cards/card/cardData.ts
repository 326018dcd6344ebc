/** Plain questions about the data of a card, and the one change that the card makes to them itself. */
import type { CardData, Message } from '@connector/api';
import { usableNumbers } from '../compose/draft';
import { isFilled } from './numbers';

/** Messages that the card lists. */
const SHOWN_MESSAGES = 3;

/** Why an SMS can or cannot be sent to this record right now. */
export type Readiness = 'ready' | 'not_linked' | 'no_number' | 'no_usable_number';

export function readiness(data: CardData): Readiness {
  if (data.account.state === 'not_linked') return 'not_linked';
  if (usableNumbers(data.numbers).length) return 'ready';
  return data.numbers.some(isFilled) ? 'no_usable_number' : 'no_number';
}

/** The status of such a message still moves. */
export function isUnderWay(message: Message): boolean {
  return !message.final;
}

/** The data as they are right after a send. The count stays: it counts what the gateway has taken, which is still to come. */
export function withSent(data: CardData, message: Message): CardData {
  const others = data.messages.filter(({ id }) => id !== message.id);
  return { ...data, messages: [message, ...others].slice(0, SHOWN_MESSAGES) };
}

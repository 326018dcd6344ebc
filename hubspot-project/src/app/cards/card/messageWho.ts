/** The other party of a message. */
import type { Message } from '@connector/api';
import { formatPhone, type Translate } from '@connector/i18n';

/** The number, with its owner's name unless the owner is the record itself. */
export function messageWho({ recipient, person_name: person }: Message, t: Translate): string {
  const number = formatPhone(recipient);
  return person ? t('message.person', { person, number }) : number;
}

/** Who is at the other end of a message. */
import type { Message } from '@connector/api';
import { formatPhone, type Translate } from '@connector/i18n';

/** The number, with the name of its owner where that is not the record itself. */
export function messageWho({ recipient, person_name: person }: Message, t: Translate): string {
  const number = formatPhone(recipient);
  return person ? t('message.person', { person, number }) : number;
}

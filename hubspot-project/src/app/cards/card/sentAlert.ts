/** The alert after the backend has accepted a message. */
import type { SendResult } from '@connector/api';
import { formatPhone, reasonText, type Text } from '@connector/i18n';
import { neverLeft } from '@connector/sms-ui';

export interface SentAlert {
  type: 'success' | 'info' | 'danger';
  title: string;
  message: string;
}

export function sentAlert({ message, repeated }: SendResult, timeZone: string, text: Text): SentAlert {
  const { t, formatDay } = text;
  const number = formatPhone(message.recipient);
  if (neverLeft(message)) {
    const why = message.reason ? reasonText(message.reason, t) : t(`status_help.${message.status}`);
    return { type: 'danger', title: t('message.not_sent'), message: t('compose.stopped', { number, why }) };
  }
  if (repeated) {
    return { type: 'info', title: t('compose.done_title'), message: t('compose.done_repeated', { number }) };
  }
  if (message.status === 'scheduled') {
    const date = formatDay(message.due_at ?? message.at, timeZone);
    return {
      type: 'success',
      title: t('compose.done_later_title'),
      message: t('compose.done_later', { number, date }),
    };
  }
  if (message.reason) {
    const why = reasonText(message.reason, t);
    return { type: 'info', title: t('compose.done_title'), message: t('compose.done_held', { number, why }) };
  }
  return { type: 'success', title: t('compose.done_title'), message: t('compose.done', { number }) };
}

/** The status of one message as a tag, in the reader's language. */
import type { MessageStatus } from '@connector/api';
import { useText } from '@connector/i18n';
import { StatusTag } from '@hubspot/ui-extensions';
import { STATUS_TONES } from './status';

export function MessageStatusTag({ status }: { status: MessageStatus }) {
  const { t } = useText();
  return <StatusTag variant={STATUS_TONES[status]}>{t(`status.${status}`)}</StatusTag>;
}

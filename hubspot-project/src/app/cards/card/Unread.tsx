/** The number of unread replies, and a button to mark them as read. */
import { useApi, type CardData, type RecordRef } from '@connector/api';
import { errorText, useText } from '@connector/i18n';
import { useCall } from '@connector/sms-ui';
import { Flex, LoadingButton, StatusTag, useExtensionActions } from '@hubspot/ui-extensions';

interface UnreadProps {
  data: CardData;
  record: RecordRef;
  /** Puts the new data into the card. */
  update: (change: (data: CardData) => CardData) => void;
}

export function Unread({ data, record, update }: UnreadProps) {
  const api = useApi();
  const { t } = useText();
  const { addAlert } = useExtensionActions<'crm.record.sidebar'>();
  const call = useCall((error) =>
    addAlert({ type: 'danger', title: t('card.unread_error'), message: errorText(error, 'read', t) }),
  );
  if (!data.unread_count) return null;
  const markRead = async () => {
    if (await call.run(() => api.markRead(record))) update((before) => ({ ...before, unread_count: 0 }));
  };
  return (
    <Flex direction="row" gap="sm" align="center" justify="between" wrap>
      <StatusTag variant="warning">{t('card.unread', { count: data.unread_count })}</StatusTag>
      <LoadingButton size="xs" loading={call.busy} onClick={markRead}>
        {t('card.mark_read')}
      </LoadingButton>
    </Flex>
  );
}

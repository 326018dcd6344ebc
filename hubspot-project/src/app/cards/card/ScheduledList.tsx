/** Scheduled messages, the soonest first, each with a button to cancel it. */
import { useApi, type CardData, type Message } from '@connector/api';
import { errorText, formatPhone, useText } from '@connector/i18n';
import { AskingButton, useCall } from '@connector/sms-ui';
import { Flex, Heading, Text, Tile, useExtensionActions } from '@hubspot/ui-extensions';
import { MessageText } from './MessageText';
import { messageWho } from './messageWho';

/** The backend counts no further. */
const COUNTED_AT_MOST = 100;

interface ScheduledListProps {
  data: CardData;
  /** Called with the message as it was listed, and as it is now. */
  onCancelled: (message: Message) => void;
  /** The list may be out of date: a message may have left meanwhile. */
  refresh: () => Promise<void>;
}

export function ScheduledList({ data, ...actions }: ScheduledListProps) {
  const { t } = useText();
  if (!data.scheduled.length) return null;
  const title = data.scheduled_count < COUNTED_AT_MOST ? 'card.scheduled' : 'card.scheduled_many';
  return (
    <Flex direction="column" gap="sm">
      <Heading>{t(title, { count: data.scheduled_count })}</Heading>
      {data.scheduled.map((message) => (
        <ScheduledItem
          key={message.id}
          message={message}
          timeZone={data.time_zone}
          mayCancel={data.may_send}
          {...actions}
        />
      ))}
      {data.scheduled_count > data.scheduled.length && (
        <Text variant="microcopy">{t('card.scheduled_more')}</Text>
      )}
    </Flex>
  );
}

interface ScheduledItemProps extends Omit<ScheduledListProps, 'data'> {
  message: Message;
  timeZone: string;
  /** The right to send is also the right to cancel. */
  mayCancel: boolean;
}

function ScheduledItem({ message, timeZone, mayCancel, ...actions }: ScheduledItemProps) {
  const { t, formatDay } = useText();
  return (
    <Tile compact>
      <Flex direction="column" gap="xs">
        <Text format={{ fontWeight: 'demibold' }}>
          {t('card.scheduled_at', { date: formatDay(message.due_at ?? message.at, timeZone) })}
        </Text>
        <Text variant="microcopy">{t('message.to', { who: messageWho(message, t) })}</Text>
        <MessageText message={message} />
        {mayCancel && <Cancel message={message} {...actions} />}
      </Flex>
    </Tile>
  );
}

export interface CancelProps extends Omit<ScheduledListProps, 'data'> {
  message: Message;
}

/** Cancelling asks first: the message would have to be written again. */
export function Cancel({ message, onCancelled, refresh }: CancelProps) {
  const { t } = useText();
  const { cancel, busy } = useCancel(message, onCancelled, refresh);
  return (
    <AskingButton
      label={t('card.cancel')}
      question={t('card.cancel_ask')}
      confirmLabel={t('card.cancel_confirm')}
      keepLabel={t('card.cancel_keep')}
      size="xs"
      busy={busy}
      onConfirm={() => void cancel()}
    />
  );
}

function useCancel(message: Message, onCancelled: (now: Message) => void, refresh: () => Promise<void>) {
  const api = useApi();
  const { t } = useText();
  const { addAlert } = useExtensionActions<'crm.record.sidebar'>();
  const call = useCall((error) => {
    addAlert({
      type: error.undecided ? 'warning' : 'danger',
      title: t(error.undecided ? 'card.cancel_undecided' : 'card.cancel_error'),
      message: errorText(error, 'cancel', t),
    });
    void refresh();
  });
  const cancel = async () => {
    const done = await call.run(() => api.cancelMessage(message.id));
    if (!done) return;
    addAlert({ type: 'success', message: t('card.cancelled', { number: formatPhone(message.recipient) }) });
    onCancelled(done.answer);
  };
  return { cancel, busy: call.busy };
}

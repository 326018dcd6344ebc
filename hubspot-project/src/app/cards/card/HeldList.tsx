/** Messages whose number is no longer on the record: each is sent to the new number or cancelled. */
import { useApi, type CardData, type RecordRef } from '@connector/api';
import { errorText, formatPhone, useText } from '@connector/i18n';
import { AskingButton, useCall } from '@connector/sms-ui';
import { Flex, Heading, Text, Tile, useExtensionActions } from '@hubspot/ui-extensions';
import { currentRecipient, usableNumbers, type UsableNumber } from '../compose/recipients';
import { MessageText } from './MessageText';
import { Cancel, type CancelProps } from './ScheduledList';

interface HeldListProps extends Omit<CancelProps, 'message'> {
  data: CardData;
  record: RecordRef;
}

export function HeldList({ data, record, ...actions }: HeldListProps) {
  const { t, formatDay } = useText();
  if (!data.held.length) return null;
  // The same number for all: the one that the composer would suggest.
  const { recipient: number } = currentRecipient(null, usableNumbers(data.numbers));
  return (
    <Flex direction="column" gap="sm">
      <Heading>{t('card.held', { count: data.held.length })}</Heading>
      {data.held.map((message) => (
        <Tile key={message.id} compact>
          <Flex direction="column" gap="xs">
            <Text>
              {t('card.held_why', {
                number: formatPhone(message.recipient),
                date: formatDay(message.due_at ?? message.at, data.time_zone),
              })}
            </Text>
            <MessageText message={message} />
            {data.may_send && (
              <Flex direction="row" gap="xs" wrap>
                {number && <SendHeld message={message} record={record} number={number} {...actions} />}
                <Cancel message={message} {...actions} />
              </Flex>
            )}
            {data.may_send && !number && <Text variant="microcopy">{t('card.held_none')}</Text>}
          </Flex>
        </Tile>
      ))}
    </Flex>
  );
}

interface SendHeldProps extends CancelProps {
  record: RecordRef;
  number: UsableNumber;
}

function SendHeld({ number, ...props }: SendHeldProps) {
  const { t } = useText();
  const { send, busy } = useSendHeld({ number, ...props });
  return (
    <AskingButton
      label={t('card.held_send')}
      question={t('card.held_ask', { number: formatPhone(number.recipient) })}
      confirmLabel={t('card.held_confirm')}
      keepLabel={t('card.held_keep')}
      size="xs"
      busy={busy}
      onConfirm={() => void send()}
    />
  );
}

function useSendHeld({ message, record, number, onCancelled, refresh }: SendHeldProps) {
  const api = useApi();
  const { t } = useText();
  const { addAlert } = useExtensionActions<'crm.record.sidebar'>();
  const call = useCall((error) => {
    addAlert({
      type: error.undecided ? 'warning' : 'danger',
      title: t(error.undecided ? 'card.held_undecided' : 'card.held_error'),
      message: errorText(error, 'held', t),
    });
    void refresh();
  });
  const send = async () => {
    const done = await call.run(() =>
      api.sendHeld({
        ...record,
        id: message.id,
        property: number.property,
        number_object_type_id: number.object_type_id,
        number_object_id: number.object_id,
        recipient: number.recipient,
      }),
    );
    if (!done) return;
    addAlert({ type: 'success', message: t('card.held_sent', { number: formatPhone(number.recipient) }) });
    onCancelled(done.answer);
  };
  return { send, busy: call.busy };
}

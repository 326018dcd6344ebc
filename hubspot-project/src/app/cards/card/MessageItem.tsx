/** One message: a sent one with its status and report, or a received one, which looks different. */
import type { Message } from '@connector/api';
import { reasonText, useText, type Translate } from '@connector/i18n';
import { MessageStatusTag, messageTitle, needsExplanation, neverLeft } from '@connector/sms-ui';
import { Flex, Icon, Link, StatusTag, Text, Tile } from '@hubspot/ui-extensions';
import { MessageText } from './MessageText';
import { messageWho } from './messageWho';
import { Cancel, type CancelProps } from './ScheduledList';

interface MessageProps {
  message: Message;
  timeZone: string;
  /** Cancels a message that waits for something other than its time; null for users without the right to send. */
  cancelling: Omit<CancelProps, 'message'> | null;
}

export function MessageItem(props: MessageProps) {
  return props.message.direction === 'inbound' ? <Received {...props} /> : <Sent {...props} />;
}

function Sent({ message, timeZone, cancelling }: MessageProps) {
  const { t, formatDate } = useText();
  const date = formatDate(message.at, timeZone);
  return (
    <Flex direction="column" gap="xs">
      <Flex direction="row" justify="between" align="center" gap="sm" wrap>
        <SentTitle message={message} />
        <MessageStatusTag status={message.status} />
      </Flex>
      <Text variant="microcopy">
        {[t('message.sent_meta', { date, who: messageWho(message, t) }), ...figures(message, t)].join(' · ')}
      </Text>
      <MessageText message={message} />
      {needsExplanation(message) && <Explanation message={message} />}
      {cancelling && message.status === 'queued' && message.reason && (
        <Cancel message={message} {...cancelling} />
      )}
    </Flex>
  );
}

/** For example: 2 SMS, 2 credits. Credits appear once SMSFactor reports them; a free message that never left has no line. */
function figures(message: Message, t: Translate): string[] {
  const { parts, cost_credits: cost } = message;
  if (neverLeft(message) && !cost) return [];
  const sms = t('compose.parts', { count: parts });
  return cost === null ? [sms] : [sms, t('compose.cost', { count: cost })];
}

/** The title links to the campaign's report as soon as there is one. */
function SentTitle({ message }: { message: Message }) {
  const { t } = useText();
  const title = t(messageTitle(message));
  if (!message.report_url) return <Text format={{ fontWeight: 'demibold' }}>{title}</Text>;
  return <Link href={{ url: message.report_url, external: true }}>{title}</Link>;
}

function Received({ message, timeZone }: MessageProps) {
  const { t, formatDate } = useText();
  const date = formatDate(message.at, timeZone);
  return (
    <Tile compact>
      <Flex direction="column" gap="xs">
        <Flex direction="row" justify="between" align="center" gap="sm" wrap>
          <Flex direction="row" align="center" gap="xs">
            <Icon name="emailThreadedReplies" size="sm" />
            <Text format={{ fontWeight: 'demibold' }}>{t('message.received')}</Text>
          </Flex>
          <StatusTag hollow>{t('message.reply')}</StatusTag>
        </Flex>
        <Text variant="microcopy">{t('message.received_meta', { date, who: messageWho(message, t) })}</Text>
        <MessageText message={message} />
      </Flex>
    </Tile>
  );
}

/** The reason, then whether anything was sent or charged, and what to do. */
function Explanation({ message }: { message: Message }) {
  const { t } = useText();
  const reason = message.reason ? `${reasonText(message.reason, t)} ` : '';
  return <Text variant="microcopy">{reason + t(`status_help.${message.status}`)}</Text>;
}

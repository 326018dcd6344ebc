/** The latest messages, newest first. */
import type { CardData, Message } from '@connector/api';
import { useText } from '@connector/i18n';
import { Divider, Flex, Heading, Text } from '@hubspot/ui-extensions';
import { Fragment } from 'react';
import { MessageItem } from './MessageItem';

export function MessageList({ data }: { data: CardData }) {
  const { t } = useText();
  return (
    <Flex direction="column" gap="sm">
      <Heading>{t('card.messages')}</Heading>
      {data.messages.length === 0 && <Text variant="microcopy">{t('card.no_messages')}</Text>}
      {data.messages.map((message, index) => (
        <Fragment key={message.id}>
          {isPlain(message) && isPlain(data.messages[index - 1]) && <Divider size="flush" />}
          <MessageItem message={message} timeZone={data.time_zone} />
        </Fragment>
      ))}
    </Flex>
  );
}

/** A received message has a frame of its own; a line is only needed between two without one. */
function isPlain(message: Message | undefined): boolean {
  return message?.direction === 'outbound';
}

/** The latest messages, newest first. */
import type { Message } from '@connector/api';
import { useText } from '@connector/i18n';
import { Divider, Flex, Heading, Text } from '@hubspot/ui-extensions';
import { Fragment } from 'react';
import { MessageItem } from './MessageItem';

interface MessageListProps {
  messages: Message[];
  timeZone: string;
}

export function MessageList({ messages, timeZone }: MessageListProps) {
  const { t } = useText();
  return (
    <Flex direction="column" gap="sm">
      <Heading>{t('card.messages')}</Heading>
      {messages.length === 0 && <Text variant="microcopy">{t('card.no_messages')}</Text>}
      {messages.map((message, index) => (
        <Fragment key={message.id}>
          {isPlain(message) && isPlain(messages[index - 1]) && <Divider size="flush" />}
          <MessageItem message={message} timeZone={timeZone} />
        </Fragment>
      ))}
    </Flex>
  );
}

/** A received message has a frame of its own; a line is only needed between two without one. */
function isPlain(message: Message | undefined): boolean {
  return message?.direction === 'outbound';
}

/** The latest messages, newest first. */
import type { Message } from '@connector/api';
import { useText } from '@connector/i18n';
import { Divider, Flex, Heading, Text } from '@hubspot/ui-extensions';
import { Fragment } from 'react';
import { MessageItem } from './MessageItem';
import type { CancelProps } from './ScheduledList';

interface MessageListProps {
  messages: Message[];
  timeZone: string;
  cancelling: Omit<CancelProps, 'message'> | null;
}

export function MessageList({ messages, timeZone, cancelling }: MessageListProps) {
  const { t } = useText();
  return (
    <Flex direction="column" gap="sm">
      <Heading>{t('card.messages')}</Heading>
      {messages.length === 0 && <Text variant="microcopy">{t('card.no_messages')}</Text>}
      {messages.map((message, index) => (
        <Fragment key={message.id}>
          {isPlain(message) && isPlain(messages[index - 1]) && <Divider size="flush" />}
          <MessageItem message={message} timeZone={timeZone} cancelling={cancelling} />
        </Fragment>
      ))}
    </Flex>
  );
}

/** A received message has a frame of its own; a line is only needed between two without one. */
function isPlain(message: Message | undefined): boolean {
  return message?.direction === 'outbound';
}

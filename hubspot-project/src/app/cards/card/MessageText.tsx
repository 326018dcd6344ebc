/** The text of a message; a long one is shortened until the reader asks for all of it. */
import { useApi, type Message } from '@connector/api';
import { errorText, useText } from '@connector/i18n';
import { useCall } from '@connector/sms-ui';
import { Button, Flex, Text, useExtensionActions } from '@hubspot/ui-extensions';
import { useState } from 'react';

/** Characters of a text that are shown before the reader asks for the rest: about one SMS and a half. */
const SHORT_TEXT = 240;

export function MessageText({ message }: { message: Message }) {
  const { t } = useText();
  const [isOpen, setOpen] = useState(false);
  const { text, busy, read } = useWholeText(message);
  const characters = Array.from(message.text);
  if (characters.length <= SHORT_TEXT && !message.is_shortened) return <Text>{message.text}</Text>;
  const toggle = () => {
    if (isOpen || text !== null) setOpen(!isOpen);
    else void read().then(setOpen);
  };
  return (
    <Flex direction="column" align="start">
      <Text>{isOpen ? text : `${characters.slice(0, SHORT_TEXT).join('').trimEnd()}…`}</Text>
      <Button variant="transparent" size="xs" disabled={busy} onClick={toggle}>
        {isOpen ? t('message.show_less') : t('message.show_all')}
      </Button>
    </Flex>
  );
}

/** `text` is null until it is known: the card holds very long texts only in part. `read` tells whether it is then. */
function useWholeText({ id, text, is_shortened }: Message) {
  const api = useApi();
  const { t } = useText();
  const { addAlert } = useExtensionActions<'crm.record.sidebar'>();
  const [fetched, setFetched] = useState<string | null>(null);
  const call = useCall((error) =>
    addAlert({ type: 'danger', title: t('message.text_error'), message: errorText(error, 'read', t) }),
  );
  const read = async (): Promise<boolean> => {
    const done = await call.run(() => api.readMessages([id]));
    setFetched(done?.answer[0]?.text ?? null);
    return Boolean(done?.answer[0]);
  };
  return { text: is_shortened ? fetched : text, busy: call.busy, read };
}

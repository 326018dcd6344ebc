/** The text of a message; a long one is shortened until the reader asks for all of it. */
import { useText } from '@connector/i18n';
import { Button, Flex, Text } from '@hubspot/ui-extensions';
import { useState } from 'react';

/** Characters of a text that are shown before the reader asks for the rest: about one SMS and a half. */
const SHORT_TEXT = 240;

export function MessageText({ text }: { text: string }) {
  const { t } = useText();
  const [whole, setWhole] = useState(false);
  const characters = Array.from(text);
  if (characters.length <= SHORT_TEXT) return <Text>{text}</Text>;
  return (
    <Flex direction="column" align="start">
      <Text>{whole ? text : `${characters.slice(0, SHORT_TEXT).join('').trimEnd()}…`}</Text>
      <Button variant="transparent" size="xs" onClick={() => setWhole(!whole)}>
        {whole ? t('message.show_less') : t('message.show_all')}
      </Button>
    </Flex>
  );
}

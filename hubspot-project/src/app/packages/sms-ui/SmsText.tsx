/** The text of an SMS line by line, with marks where the gateway inserts links or the STOP mention. */
import { useText } from '@connector/i18n';
import { Flex, Text } from '@hubspot/ui-extensions';
import { useMemo } from 'react';
import type { Marks } from './short-links';

/** The marks for links and the STOP mention in a text, in the reader's language: « [lien 1] », « [mention STOP] ». */
export function useMarks(): Marks {
  const { t } = useText();
  return useMemo(
    () => ({
      markOf: (number) => t('compose.link_mark', { number: String(number) }),
      stop: t('compose.stop_mark'),
    }),
    [t],
  );
}

/** `text` already holds marks. */
export function SmsText({ text }: { text: string }) {
  return (
    <Flex direction="column" gap="flush">
      {text.split('\n').map((line, index) => (
        // Lines may be equal and never move, so the index is their key.
        <Text key={index}>{line || '\u00a0'}</Text>
      ))}
    </Flex>
  );
}

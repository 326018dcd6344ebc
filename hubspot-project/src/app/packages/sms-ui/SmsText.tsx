/** The text of an SMS line by line, and the marks that stand in it where the gateway puts something of its own. */
import { useText } from '@connector/i18n';
import { Flex, Text } from '@hubspot/ui-extensions';
import { useMemo } from 'react';
import type { Marks } from './short-links';

/** How links and the STOP mention are marked in a text, in the reader's language: « [lien 1] », « [mention STOP] ». */
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

/** `text` holds marks already. */
export function SmsText({ text }: { text: string }) {
  return (
    <Flex direction="column" gap="flush">
      {text.split('\n').map((line, index) => (
        // Lines may be equal, and are never moved: their place is what they are.
        <Text key={index}>{line || '\u00a0'}</Text>
      ))}
    </Flex>
  );
}

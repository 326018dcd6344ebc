/** The text of a preview, line by line, with words where the gateway will put something of its own. */
import type { Preview } from '@connector/api';
import { useText } from '@connector/i18n';
import { addsStopMention, showLinks, STOP_TAG } from '@connector/sms-ui';
import { Flex, Text, Tile } from '@hubspot/ui-extensions';
import { useMarkOf, type Composition } from '../useComposition';

export function PreviewText({ preview, composition }: { preview: Preview; composition: Composition }) {
  const { t } = useText();
  const markOf = useMarkOf();
  const { draft, review } = composition;
  const text = showLinks(preview.text, review.wire.numbers, markOf);
  const isAdded = addsStopMention(draft.pushType, review.sender) && !text.includes(STOP_TAG);
  const shown = (isAdded ? `${text.trimEnd()} ${STOP_TAG}` : text).replaceAll(
    STOP_TAG,
    t('compose.stop_mark'),
  );
  return (
    <Tile compact>
      <Flex direction="column" gap="flush">
        {shown.split('\n').map((line, index) => (
          // Lines may be equal, and are never moved: their place is what they are.
          <Text key={index}>{line || '\u00a0'}</Text>
        ))}
      </Flex>
    </Tile>
  );
}

/** The text and its tools: links, the question about special characters, insertion tools, and the special-characters switch. */
import { useText } from '@connector/i18n';
import { Flex, Text, Toggle } from '@hubspot/ui-extensions';
import type { FieldProps } from '../field';
import type { Undo } from '../useComposer';
import { LinkChips } from './LinkChips';
import { SpecialCharacters } from './SpecialCharacters';
import { TextField } from './TextField';
import { Toolbar } from './Toolbar';
import { UndoLine } from './UndoLine';

export function TextSection(props: FieldProps & { undo: Undo | null }) {
  const { t } = useText();
  const { draft, edit, readOnly } = props;
  return (
    <Flex direction="column" gap="sm">
      <TextField {...props} />
      <SpecialCharacters {...props} />
      <UndoLine {...props} />
      <LinkChips {...props} />
      <Toolbar {...props} />
      <Flex direction="column" gap="xs">
        <Toggle
          name="unicode"
          label={t('compose.unicode')}
          size="sm"
          checked={draft.unicode}
          readOnly={readOnly}
          onChange={(unicode) => edit({ unicode })}
        />
        <Text variant="microcopy">
          {draft.unicode ? t('compose.unicode_on_help') : t('compose.unicode_off_help')}
        </Text>
      </Flex>
    </Flex>
  );
}

/** One line on a change that was made for the writer, and the way back. */
import { formatCharacters, useText, type Text as Texts } from '@connector/i18n';
import { Button, Flex, Text } from '@hubspot/ui-extensions';
import type { FieldProps } from '../field';
import type { Undo } from '../useComposer';

export function UndoLine({ edit, readOnly, undo }: FieldProps & { undo: Undo | null }) {
  const text = useText();
  if (!undo) return null;
  return (
    <Flex direction="row" gap="sm" align="center" wrap>
      <Text variant="microcopy">{lineOf(undo.made, text)}</Text>
      <Button size="xs" disabled={readOnly} onClick={() => edit(undo.before)}>
        {text.t(undo.made.kind === 'template' ? 'compose.template.undo' : 'compose.special.undo')}
      </Button>
    </Flex>
  );
}

function lineOf(made: Undo['made'], { t }: Texts): string {
  if (made.kind === 'template') return t('compose.template.used', { name: made.name });
  const characters = formatCharacters(made.characters, t);
  if (made.kind === 'allowed') return t('compose.special.allowed', { characters });
  return t('compose.special.removed', { characters, count: made.characters.length });
}

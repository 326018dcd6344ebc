/** The text with its tools and its count, and below them what the writer must know or decide about it. */
import { useText } from '@connector/i18n';
import { opensToken } from '@connector/sms-ui';
import { Checkbox, Flex } from '@hubspot/ui-extensions';
import { useState } from 'react';
import type { FieldProps } from '../field';
import type { RoughSms } from '../rough';
import type { Undo } from '../useComposer';
import type { PreviewControl } from '../usePreview';
import { Counter } from './Counter';
import { LinkChips } from './LinkChips';
import { SpecialCharacters } from './SpecialCharacters';
import { CountNotes, TextField } from './TextField';
import { Toolbar, type Tool } from './Toolbar';
import { TypedAddress } from './TypedAddress';
import { UndoLine } from './UndoLine';

interface TextSectionProps extends FieldProps {
  undo: Undo | null;
  preview: PreviewControl;
  rough: RoughSms;
}

export function TextSection({ undo, preview, rough, ...field }: TextSectionProps) {
  const { t } = useText();
  const { draft, edit, readOnly } = field;
  const [chosen, setChosen] = useState<Tool | 'braces' | null>(null);
  // Braces open the list only as long as they wait for a name.
  const open = chosen === 'braces' ? (opensToken(draft.text, draft.cursor) ? 'token' : null) : chosen;
  return (
    <Flex direction="column" gap="xs">
      <TextField {...field} onBraces={() => setChosen((before) => before ?? 'braces')} />
      <Counter rough={rough} preview={preview} />
      <Toolbar {...field} open={open} choose={setChosen} />
      <SpecialCharacters {...field} />
      <UndoLine {...field} undo={undo} />
      <TypedAddress {...field} />
      <LinkChips {...field} />
      <CountNotes {...field} />
      <Checkbox
        name="unicode"
        checked={draft.unicode}
        readOnly={readOnly}
        onChange={(unicode) => edit({ unicode })}
      >
        {t('compose.unicode')}
      </Checkbox>
    </Flex>
  );
}

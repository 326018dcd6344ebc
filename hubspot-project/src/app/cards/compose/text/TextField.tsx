/** The text with its live count: the number of SMS, the reason for Unicode, the disallowed characters. */
import { formatCharacters, useText, type Text as Texts } from '@connector/i18n';
import { Flex, Text, TextArea } from '@hubspot/ui-extensions';
import type { FieldProps } from '../field';

export function TextField(props: FieldProps) {
  const text = useText();
  const { draft, review, edit, readOnly } = props;
  const problem = textProblem(props, text);
  // onInput counts every keystroke; onChange comes on blur only and confirms the last one.
  const onText = (typed: string) => typed !== draft.text && edit({ text: typed });
  return (
    <Flex direction="column" gap="xs">
      <TextArea
        name="text"
        label={text.t('compose.text')}
        required
        rows={4}
        resize="vertical"
        placeholder={text.t('compose.text_placeholder')}
        readOnly={readOnly}
        value={draft.text}
        error={problem !== undefined}
        validationMessage={problem}
        onInput={onText}
        onChange={onText}
      />
      <Text format={{ fontWeight: 'demibold' }}>{countLine(review, text)}</Text>
      <Text variant="microcopy">{countNotes(props, text)}</Text>
    </Flex>
  );
}

function textProblem({ draft, review, data }: FieldProps, { t }: Texts): string | undefined {
  if (!draft.unicode && review.specialCharacters.length) {
    return t('compose.not_gsm7', { characters: formatCharacters(review.specialCharacters, t) });
  }
  if (review.segments.parts > data.max_parts) {
    return t('compose.too_long', { parts: review.segments.parts, max: data.max_parts });
  }
  return undefined;
}

/** For example: 24 characters · GSM-7 · 1 SMS · 136 left in this SMS. */
function countLine({ segments }: FieldProps['review'], { t }: Texts): string {
  return [
    t('compose.characters', { count: segments.units }),
    t(`compose.encoding.${segments.encoding}`),
    t('compose.parts', { count: segments.parts }),
    t('compose.remaining', { count: segments.remaining }),
  ].join(' · ');
}

/** Notes on the count that a reader would not expect. Never empty, so that the layout stays still. */
function countNotes({ draft, review, data }: FieldProps, { t }: Texts): string {
  const notes: string[] = [];
  if (review.tokens.length) notes.push(t('compose.tokens_not_counted'));
  if (review.stopUnits) notes.push(t('compose.stop_counted', { count: review.stopUnits }));
  if (review.wire.links.length) notes.push(t('compose.links_counted', { count: data.short_url_units }));
  if (draft.unicode && review.specialCharacters.length) {
    notes.push(t('compose.unicode_because', { characters: formatCharacters(review.specialCharacters, t) }));
  }
  return (
    notes.join(' ') ||
    t(review.segments.encoding === 'gsm7' ? 'compose.two_units_note' : 'compose.emoji_note')
  );
}

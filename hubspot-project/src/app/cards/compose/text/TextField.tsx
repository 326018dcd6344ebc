/** The text with its live count: characters, the number of SMS, and what costs more than one expects. */
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

function textProblem({ review, data }: FieldProps, { t }: Texts): string | undefined {
  if (review.segments.parts > data.max_parts) {
    return t('compose.too_long', { parts: review.segments.parts, max: data.max_parts });
  }
  return undefined;
}

/** For example: 24 characters · 1 SMS · 136 left in this SMS. */
function countLine({ segments }: FieldProps['review'], { t }: Texts): string {
  return [
    t('compose.characters', { count: segments.units }),
    t('compose.parts', { count: segments.parts }),
    t('compose.remaining', { count: segments.remaining }),
  ].join(' · ');
}

/** Notes on the count that a reader would not expect. Never empty, so that the layout stays still. */
function countNotes({ review, data }: FieldProps, { t }: Texts): string {
  const notes: string[] = [];
  if (review.tokens.length) notes.push(t('compose.tokens_not_counted'));
  if (review.stopUnits) notes.push(t('compose.stop_counted', { count: review.stopUnits }));
  if (review.wire.links.length) notes.push(t('compose.links_counted', { count: data.short_url_units }));
  if (review.segments.encoding === 'ucs2') {
    notes.push(t('compose.special.because', { characters: formatCharacters(review.specialCharacters, t) }));
  }
  return notes.join(' ') || t('compose.two_units_note');
}

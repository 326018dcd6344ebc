/** The text with its count while it is typed: what it would cost, why it is Unicode, what is in the way. */
import { formatCharacters, useText, type Text as Texts } from '@connector/i18n';
import { MAX_PARTS } from '@connector/sms-ui';
import { Flex, Text, TextArea, Toggle } from '@hubspot/ui-extensions';
import type { FieldProps } from './field';

export function TextField({ draft, review, edit, readOnly }: FieldProps) {
  const text = useText();
  const { t } = text;
  const problem = textProblem({ draft, review }, text);
  // onInput counts every keystroke; onChange only comes on blur and makes sure of the last one.
  const onText = (typed: string) => edit({ text: typed });
  return (
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
      <TextArea
        name="text"
        label={t('compose.text')}
        required
        rows={6}
        resize="vertical"
        placeholder={t('compose.text_placeholder')}
        readOnly={readOnly}
        value={draft.text}
        error={problem !== undefined}
        validationMessage={problem}
        onInput={onText}
        onChange={onText}
      />
      <Text format={{ fontWeight: 'demibold' }}>{countLine(review, text)}</Text>
      <Text variant="microcopy">{countNotes({ draft, review }, text)}</Text>
    </Flex>
  );
}

function textProblem(
  { draft, review }: Pick<FieldProps, 'draft' | 'review'>,
  { t }: Texts,
): string | undefined {
  if (!draft.unicode && review.specialCharacters.length) {
    return t('compose.not_gsm7', { characters: formatCharacters(review.specialCharacters, t) });
  }
  if (review.segments.parts > MAX_PARTS) {
    return t('compose.too_long', { parts: review.segments.parts, max: MAX_PARTS });
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

/** What a reader would not expect of the count. Never empty, so that nothing moves when a note comes or goes. */
function countNotes({ draft, review }: Pick<FieldProps, 'draft' | 'review'>, { t }: Texts): string {
  const notes: string[] = [];
  if (review.stopUnits) notes.push(t('compose.stop_counted', { count: review.stopUnits }));
  if (draft.unicode && review.specialCharacters.length) {
    notes.push(t('compose.unicode_because', { characters: formatCharacters(review.specialCharacters, t) }));
  }
  return (
    notes.join(' ') ||
    t(review.segments.encoding === 'gsm7' ? 'compose.two_units_note' : 'compose.emoji_note')
  );
}

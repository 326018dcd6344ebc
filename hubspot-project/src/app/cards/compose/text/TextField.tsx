/** The text. What is easily overlooked about its length is said below it, where it applies. */
import { formatCharacters, useText, type Text as Texts } from '@connector/i18n';
import { doubleWidth, opensToken } from '@connector/sms-ui';
import { Text, TextArea } from '@hubspot/ui-extensions';
import type { FieldProps } from '../field';

interface TextFieldProps extends FieldProps {
  /** The writer has typed `{{`. */
  onBraces: () => void;
}

export function TextField({ onBraces, ...props }: TextFieldProps) {
  const { t } = useText();
  const { draft, review, data, edit, readOnly } = props;
  const { parts } = review.segments;
  const problem = parts > data.max_parts ? t('compose.too_long', { parts, max: data.max_parts }) : undefined;
  // onInput counts every keystroke; onChange comes on blur only and confirms the last one.
  const onText = (typed: string) => {
    if (typed === draft.text) return;
    edit({ text: typed });
    if (typed.split('{{').length > draft.text.split('{{').length && opensToken(typed, null)) onBraces();
  };
  return (
    <TextArea
      name="text"
      label={t('compose.text')}
      required
      rows={4}
      resize="vertical"
      placeholder={t('compose.text_placeholder')}
      readOnly={readOnly}
      value={draft.text}
      error={problem !== undefined}
      validationMessage={problem}
      onInput={onText}
      onChange={onText}
    />
  );
}

export function CountNotes(props: FieldProps) {
  const text = useText();
  const notes = notesOn(props, text);
  return notes.length ? <Text variant="microcopy">{notes.join(' ')}</Text> : null;
}

function notesOn({ draft, review, data }: FieldProps, { t }: Texts): string[] {
  const notes: string[] = [];
  const { segments, stopUnits, wire, specialCharacters } = review;
  const double =
    segments.encoding === 'gsm7'
      ? doubleWidth(draft.text.replace(/\{\{|\}\}/g, '').replaceAll(/\[[^\]]*\]/g, ''))
      : [];
  if (double.length)
    notes.push(t('compose.double', { characters: formatCharacters(double, t), count: double.length }));
  if (stopUnits) notes.push(t('compose.stop_counted', { count: stopUnits }));
  if (wire.links.length) notes.push(t('compose.links_counted', { count: data.short_url_units }));
  if (segments.encoding === 'ucs2' && specialCharacters.length) {
    notes.push(t('compose.special.because', { characters: formatCharacters(specialCharacters, t) }));
  }
  return notes;
}

/** The number for the SMS: one line where there is one, else a choice. Numbers that cannot be texted are named. */
import { countryText, formatPhone, numberLabel, useText, type Translate } from '@connector/i18n';
import { Flex, Select, Text } from '@hubspot/ui-extensions';
import { describeUnusable } from '../../card/numbers';
import type { FieldProps } from '../field';
import { numberKey, type UsableNumber } from '../recipients';
import type { Review } from '../review';

export function RecipientField(props: FieldProps) {
  const { t } = useText();
  const { recipient, recipients, recipientState } = props.review;
  const isPlain = recipient && recipients.length === 1 && recipientState === 'as_chosen';
  if (!isPlain) return <RecipientSelect {...props} />;
  const unusable = describeUnusable(props.data.numbers, t);
  return (
    <Flex direction="column" gap="flush">
      <Text>{t('compose.recipient_line', { recipient: optionLabel(recipient, t) })}</Text>
      {unusable.length > 0 && (
        <Text variant="microcopy">{t('compose.recipient_unusable', { numbers: unusable.join(', ') })}</Text>
      )}
    </Flex>
  );
}

function RecipientSelect({ data, review, edit, readOnly }: FieldProps) {
  const { t } = useText();
  const unusable = describeUnusable(data.numbers, t);
  const { recipient, recipients } = review;
  return (
    <Select
      name="recipient"
      label={t('compose.recipient')}
      variant="transparent"
      readOnly={readOnly}
      options={recipients.map((number) => ({ value: numberKey(number), label: optionLabel(number, t) }))}
      value={recipient ? numberKey(recipient) : undefined}
      placeholder={t('compose.recipient_placeholder')}
      description={
        unusable.length ? t('compose.recipient_unusable', { numbers: unusable.join(', ') }) : undefined
      }
      error={review.recipientState !== 'as_chosen'}
      validationMessage={recipientMessage(review, t)}
      onChange={(key) => {
        const chosen = recipients.find((number) => numberKey(number) === key);
        if (chosen) edit({ recipient: { key: numberKey(chosen), number: chosen.recipient } });
      }}
    />
  );
}

function optionLabel(number: UsableNumber, t: Translate): string {
  const label = plainLabel(number, t);
  if (number.is_opted_out) return t('compose.recipient_marked', { label, mark: t('number.opted_out') });
  if (number.is_npai) return t('compose.recipient_marked', { label, mark: t('number.npai') });
  return label;
}

function plainLabel(number: UsableNumber, t: Translate): string {
  const label = t('compose.recipient_option', {
    property: numberLabel(number, t),
    number: formatPhone(number.recipient),
  });
  if (!number.is_ambiguous) return label;
  return t('compose.recipient_in_country', { label, country: countryText(number.country, t) });
}

function recipientMessage({ recipient, recipientState }: Review, t: Translate): string | undefined {
  if (recipientState === 'ambiguous') return t('compose.recipient_ambiguous');
  if (recipientState === 'gone') return t('compose.recipient_gone');
  if (recipientState === 'changed' && recipient) {
    return t('compose.recipient_changed', { number: formatPhone(recipient.recipient) });
  }
  return undefined;
}

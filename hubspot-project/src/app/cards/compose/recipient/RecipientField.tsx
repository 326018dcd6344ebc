/** Which number of the record gets the SMS. Numbers that cannot are named, with the reason. */
import type { PhoneNumber } from '@connector/api';
import { formatPhone, propertyText, useText, type Translate } from '@connector/i18n';
import { Select } from '@hubspot/ui-extensions';
import { describeUnusable } from '../card/numbers';
import type { Review } from './draft';
import type { FieldProps } from './field';

export function RecipientField({ review, edit, readOnly, numbers }: FieldProps & { numbers: PhoneNumber[] }) {
  const { t } = useText();
  const unusable = describeUnusable(numbers, t);
  const options = review.recipients.map(({ property, number }) => ({
    value: property,
    label: t('compose.recipient_option', {
      property: propertyText(property, t),
      number: formatPhone(number),
    }),
  }));
  return (
    <Select
      name="recipient"
      label={t('compose.recipient')}
      required
      readOnly={readOnly}
      options={options}
      value={review.recipient?.property}
      placeholder={t('compose.recipient_placeholder')}
      description={
        unusable.length ? t('compose.recipient_unusable', { numbers: unusable.join(', ') }) : undefined
      }
      error={review.recipientState !== 'as_chosen'}
      validationMessage={recipientMessage(review, t)}
      onChange={(property) =>
        edit({ recipient: review.recipients.find((recipient) => recipient.property === property) ?? null })
      }
    />
  );
}

function recipientMessage({ recipient, recipientState }: Review, t: Translate): string | undefined {
  if (recipientState === 'gone') return t('compose.recipient_gone');
  if (recipientState === 'changed' && recipient) {
    return t('compose.recipient_changed', { number: formatPhone(recipient.number) });
  }
  return undefined;
}

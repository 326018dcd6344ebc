/** What the card says about the numbers of a record that no SMS can go to. */
import type { PhoneNumber } from '@connector/api';
import { numberProblemText, propertyText, type Translate } from '@connector/i18n';

/** A property with something in it: an empty one is no number at all. */
export function isFilled(number: PhoneNumber): boolean {
  return Boolean(number.raw?.trim()) && number.error?.code !== 'number_missing';
}

/** Every filled number that cannot be used, with its property and the reason. */
export function describeUnusable(numbers: PhoneNumber[], t: Translate): string[] {
  return numbers.filter(isFilled).flatMap(({ property, raw, error }) => {
    if (!error) return [];
    const slots = {
      property: propertyText(property, t),
      number: raw ?? '',
      why: numberProblemText(error, t),
    };
    return [t('card.invalid.line', slots)];
  });
}

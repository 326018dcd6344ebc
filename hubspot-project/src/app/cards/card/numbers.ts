/** What the card says about the numbers of a record: whose they are, and why some cannot be used. */
import type { PhoneNumber } from '@connector/api';
import { numberLabel, numberProblemText, type Translate } from '@connector/i18n';

/** A property with something in it: an empty one is no number at all. */
export function isFilled(number: PhoneNumber): boolean {
  return Boolean(number.raw?.trim()) && number.error?.code !== 'number_missing';
}

/** Every filled number that cannot be used, with its property and the reason. */
export function describeUnusable(numbers: PhoneNumber[], t: Translate): string[] {
  return numbers.filter(isFilled).flatMap((number) => {
    if (!number.error) return [];
    const slots = {
      property: numberLabel(number, t),
      number: number.raw ?? '',
      why: numberProblemText(number.error, t),
    };
    return [t('card.invalid.line', slots)];
  });
}

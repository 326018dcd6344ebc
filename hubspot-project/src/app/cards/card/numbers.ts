/** The card's texts about the numbers of a record: their owners, and why some cannot be used. */
import type { PhoneNumber } from '@connector/api';
import { numberLabel, numberProblemText, type Translate } from '@connector/i18n';

/** A property that is not empty: an empty one is no number. */
export function isFilled(number: PhoneNumber): boolean {
  return Boolean(number.raw?.trim()) && number.error?.code !== 'number_missing';
}

/** Number of lines about unusable numbers; the rest is only counted, because a deal may have many. */
const DESCRIBED_AT_MOST = 6;

/** The filled numbers that cannot be used, with their properties and the reasons. */
export function describeUnusable(numbers: PhoneNumber[], t: Translate): string[] {
  const lines = numbers.filter(isFilled).flatMap((number) => {
    if (!number.error) return [];
    const slots = {
      property: numberLabel(number, t),
      number: number.raw ?? '',
      why: numberProblemText(number.error, t),
    };
    return [t('card.invalid.line', slots)];
  });
  const more = lines.length - DESCRIBED_AT_MOST;
  if (more <= 0) return lines;
  return [...lines.slice(0, DESCRIBED_AT_MOST), t('character.more', { count: more })];
}

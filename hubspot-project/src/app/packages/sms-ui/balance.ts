/** The account's credits as a label and a figure. The label distinguishes unknown, remaining and consumed credits. */
import type { Balance } from '@connector/api';
import type { Text } from '@connector/i18n';

export interface BalanceText {
  label: string;
  value: string;
}

/** `null`, or a prepaid or postpaid balance without a figure: SMSFactor has not reported it. */
export function balanceText(balance: Balance | null, { t, formatNumber }: Text): BalanceText {
  if (balance?.mode === 'unlimited')
    return { label: t('credits.unlimited'), value: t('credits.unlimited_value') };
  if (!balance || balance.value === null)
    return { label: t('credits.unknown'), value: t('credits.unknown_value') };
  return { label: t(`credits.${balance.mode}`), value: formatNumber(balance.value) };
}

export function isBalanceKnown(balance: Balance | null): boolean {
  return balance !== null && (balance.mode === 'unlimited' || balance.value !== null);
}

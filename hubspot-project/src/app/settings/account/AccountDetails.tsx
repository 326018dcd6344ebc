/** The owner of the linked account, its credits, and the number of SMS that the app has sent with it. */
import type { LinkedAccount } from '@connector/api';
import { useText } from '@connector/i18n';
import { balanceText, isBalanceKnown } from '@connector/sms-ui';
import {
  DescriptionList,
  DescriptionListItem,
  Flex,
  Statistics,
  StatisticsItem,
  Text,
} from '@hubspot/ui-extensions';

interface AccountDetailsProps {
  account: LinkedAccount;
  sentCount: number;
}

export function AccountDetails({ account, sentCount }: AccountDetailsProps) {
  const text = useText();
  const { t, formatDate, formatNumber } = text;
  const credits = balanceText(account.balance, text);
  const facts = [
    [t('settings.client_id'), account.client_id],
    [t('settings.email'), account.email],
    [t('settings.first_name'), account.first_name],
    [t('settings.last_name'), account.last_name],
    [t('settings.company'), account.company],
    [t('settings.linked_at'), formatDate(account.linked_at)],
  ] as const;
  return (
    <Flex direction="column" gap="md">
      <Statistics>
        <StatisticsItem label={credits.label} number={credits.value} />
        <StatisticsItem label={t('settings.sent_count')} number={formatNumber(sentCount)} />
      </Statistics>
      {!isBalanceKnown(account.balance) && (
        <Text variant="microcopy">{t('settings.balance_unknown_help')}</Text>
      )}
      <DescriptionList direction="row">
        {facts.map(([label, value]) => (
          <DescriptionListItem key={label} label={label}>
            <Text>{value?.trim() || t('settings.none')}</Text>
          </DescriptionListItem>
        ))}
      </DescriptionList>
    </Flex>
  );
}

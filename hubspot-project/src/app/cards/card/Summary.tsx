/** The number of SMS to this record, and the account's credits: left when prepaid, consumed when billed monthly. */
import type { CardData } from '@connector/api';
import { useText } from '@connector/i18n';
import { balanceText, isBalanceKnown } from '@connector/sms-ui';
import { Flex, Statistics, StatisticsItem, Text } from '@hubspot/ui-extensions';

export function Summary({ data }: { data: CardData }) {
  const text = useText();
  const { balance } = data.account;
  const credits = balanceText(balance, text);
  return (
    <Flex direction="column" gap="xs">
      <Statistics>
        <StatisticsItem label={text.t('card.sent_count')} number={text.formatNumber(data.sent_count)} />
        <StatisticsItem label={credits.label} number={credits.value} />
      </Statistics>
      {!isBalanceKnown(balance) && <Text variant="microcopy">{text.t('credits.unknown_help')}</Text>}
    </Flex>
  );
}

/** The numbers of waiting messages by cause, and the used part of the hour's limit. */
import type { Outgoing } from '@connector/api';
import { useText, type Text as Texts } from '@connector/i18n';
import { Flex, Statistics, StatisticsItem, Text } from '@hubspot/ui-extensions';

const KINDS = ['queued', 'resolving', 'scheduled'] as const;

export function Figures({ data }: { data: Outgoing }) {
  const text = useText();
  const { t, formatNumber } = text;
  return (
    <Flex direction="column" gap="sm">
      <Statistics>
        {KINDS.map((kind) => (
          <StatisticsItem
            key={kind}
            label={t(`sending.waiting.${kind}`)}
            number={formatNumber(data.waiting[kind])}
          />
        ))}
        <StatisticsItem label={t('sending.hour.sent')} number={sentThisHour(data, text)} />
      </Statistics>
      <Text variant="microcopy">{t('sending.waiting.help')}</Text>
      <Text variant="microcopy">{nextHour(data, text)}</Text>
    </Flex>
  );
}

function sentThisHour(
  { hourly_cap: cap, sent_this_hour: count }: Outgoing,
  { t, formatNumber }: Texts,
): string {
  return cap === null ? formatNumber(count) : t('sending.hour.of_cap', { count, cap });
}

function nextHour({ hourly_cap: cap, ...data }: Outgoing, { t, formatTime }: Texts): string {
  const isFull = cap !== null && data.sent_this_hour >= cap;
  return t(isFull ? 'sending.hour.full' : 'sending.hour.next', { time: formatTime(data.next_hour_at) });
}

/** The one count of the message: « 61 / 160 · 1 SMS · 1 crédit », with a bar for the SMS in progress. */
import { useText, type Translate } from '@connector/i18n';
import { roomOf, type Encoding } from '@connector/sms-ui';
import { Box, Flex, ProgressBar, Text } from '@hubspot/ui-extensions';
import { verdictOf } from '../send/verdict';
import type { PreviewControl } from '../usePreview';
import type { RoughSms } from '../rough';

interface CounterProps {
  rough: RoughSms;
  preview: PreviewControl;
}

interface Count {
  units: number;
  parts: number;
  encoding: Encoding;
  /** Words for the cost; empty while it is not known. */
  cost: string;
  isEstimate: boolean;
}

export function Counter({ rough, preview }: CounterProps) {
  const { t } = useText();
  const count = countOf(rough, preview, t);
  const room = roomOf(count.encoding, count.parts);
  const before = room.all - room.last;
  const line = [
    t('compose.counter', { units: count.units, limit: room.all }),
    t('compose.parts', { count: count.parts }),
    count.cost,
  ]
    .filter(Boolean)
    .join(' · ');
  return (
    <Flex direction="row" gap="sm" align="center">
      <Box flex={1}>
        <ProgressBar
          aria-label={t('compose.counter_bar')}
          value={Math.min(Math.max(count.units - before, 0), room.last)}
          maxValue={room.last}
        />
      </Box>
      <Text format={{ fontWeight: 'demibold' }}>
        {count.isEstimate ? t('compose.estimate', { line }) : line}
      </Text>
    </Flex>
  );
}

function countOf(rough: RoughSms, { state }: PreviewControl, t: Translate): Count {
  if (state.status === 'ready') {
    const { units, parts, encoding } = state.preview;
    return { units, parts, encoding, cost: costOf(state.preview, t), isEstimate: false };
  }
  const { units, parts, encoding } = rough.segments;
  const last = state.status === 'waiting' ? state.last : null;
  // The same number of SMS to the same number costs the same.
  const cost = last?.parts === parts ? costOf(last, t) : '';
  return { units, parts, encoding, cost, isEstimate: rough.isEstimate };
}

function costOf(preview: Parameters<typeof verdictOf>[0], t: Translate): string {
  if (preview.cost_credits !== null) return t('compose.cost', { count: preview.cost_credits });
  return verdictOf(preview) ? '' : t('compose.cost_unknown');
}

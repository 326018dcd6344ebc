/** The portal's sending: the switch, the waiting messages, the limits, and the reports of batches. */
import { useApi } from '@connector/api';
import { useText } from '@connector/i18n';
import { RemoteView, usePolling, useRemote } from '@connector/sms-ui';
import { Divider, Flex, Text } from '@hubspot/ui-extensions';
import { useCallback } from 'react';
import { BatchReports } from './BatchReports';
import { Figures } from './Figures';
import { LimitsForm } from './LimitsForm';
import { LimitsShown } from './LimitsShown';
import type { SendingProps } from './sendingProps';
import { SendingState } from './SendingState';

export function SendingSettings() {
  const api = useApi();
  const { t } = useText();
  const control = useRemote(useCallback(() => api.readOutgoing(), [api]));
  return (
    <RemoteView control={control} loadingLabel={t('sending.loading')} errorTitle={t('sending.error_title')}>
      {(data) => <SendingView data={data} control={control} />}
    </RemoteView>
  );
}

function SendingView({ data, control }: SendingProps) {
  const { t } = useText();
  const { paused_at: pausedAt, waiting } = data;
  // Every change of the waiting messages restarts polling with short pauses.
  const state = JSON.stringify([pausedAt, waiting, data.sent_this_hour]);
  const moves = pausedAt !== null || Object.values(waiting).some((count) => count > 0);
  usePolling(moves, state, control.refresh);
  return (
    <Flex direction="column" gap="md">
      <SendingState data={data} control={control} />
      <Figures data={data} />
      <Divider />
      {data.may_edit ? <LimitsForm data={data} control={control} /> : <LimitsShown data={data} />}
      <Divider />
      <BatchReports mayEdit={data.may_edit} />
      {!data.may_edit && <Text variant="microcopy">{t('sending.read_only')}</Text>}
    </Flex>
  );
}

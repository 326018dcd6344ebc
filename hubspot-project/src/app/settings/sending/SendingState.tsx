/** Shows whether messages leave or are paused, with time and author of the pause, and the switch. */
import { useApi, type Outgoing } from '@connector/api';
import { problemText, useText, type Text as Texts } from '@connector/i18n';
import { AskingButton } from '@connector/sms-ui';
import { Alert, Flex, LoadingButton, StatusTag, Text, useExtensionContext } from '@hubspot/ui-extensions';
import type { SendingProps } from './sendingProps';
import { useOutgoingChange } from './useOutgoingChange';

export function SendingState({ data, control }: SendingProps) {
  return (
    <Flex direction="column" gap="sm">
      {data.paused_at === null ? <On data={data} /> : <Paused data={data} pausedAt={data.paused_at} />}
      {data.may_edit && <Switch data={data} control={control} />}
    </Flex>
  );
}

/** Sending is not paused, but SMSFactor itself may still accept nothing. */
function On({ data }: { data: Outgoing }) {
  const { t } = useText();
  if (data.held_by) {
    return (
      <Alert title={t('sending.held_title')} variant="warning">
        {problemText({ code: data.held_by, params: {} }, t)}
      </Alert>
    );
  }
  return (
    <Flex direction="row" gap="sm" align="center" wrap>
      <StatusTag variant="success">{t('sending.on')}</StatusTag>
      <Text>{t('sending.on_help')}</Text>
    </Flex>
  );
}

function Paused({ data, pausedAt }: { data: Outgoing; pausedAt: string }) {
  const text = useText();
  const { user } = useExtensionContext<'settings'>();
  return (
    <Alert title={text.t('sending.paused')} variant="warning">
      <Flex direction="column" gap="xs">
        <Text>{sinceWhen(data, pausedAt, user.id, text)}</Text>
        <Text>{text.t('sending.paused_help')}</Text>
      </Flex>
    </Alert>
  );
}

function sinceWhen(data: Outgoing, pausedAt: string, userId: number, { t, formatDate }: Texts): string {
  const date = formatDate(pausedAt);
  if (data.paused_by_user_id === userId) return t('sending.paused_by_you', { date });
  if (data.paused_by_email) return t('sending.paused_by', { date, who: data.paused_by_email });
  return t('sending.paused_since', { date });
}

/** Pausing asks first, because it stops everyone. Resuming releases the messages already requested. */
function Switch({ data, control }: SendingProps) {
  const api = useApi();
  const { t } = useText();
  const { busy, change } = useOutgoingChange(control);
  if (data.paused_at !== null) {
    return (
      <Flex direction="row">
        <LoadingButton
          variant="primary"
          loading={busy}
          onClick={() => change(api.resumeOutgoing, 'sending.resume_done')}
        >
          {t('sending.resume')}
        </LoadingButton>
      </Flex>
    );
  }
  return (
    <AskingButton
      label={t('sending.pause')}
      question={t('sending.pause_ask')}
      confirmLabel={t('sending.pause_confirm')}
      keepLabel={t('sending.pause_keep')}
      busy={busy}
      onConfirm={() => void change(api.pauseOutgoing, 'sending.pause_done')}
    />
  );
}

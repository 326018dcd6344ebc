/** Records that a person asked not to be texted any more, with the reason if it is known. */
import { useApi, type ApiError, type RecordRef } from '@connector/api';
import { errorText, formatPhone, useText } from '@connector/i18n';
import { useCall } from '@connector/sms-ui';
import {
  Alert,
  Button,
  Flex,
  LoadingButton,
  Text,
  TextArea,
  useExtensionActions,
} from '@hubspot/ui-extensions';
import { useState } from 'react';

/** The backend's limit, in characters. */
const REASON_LENGTH = 500;

interface FormProps {
  /** E.164; a number of the record. */
  number: string;
  record: RecordRef;
  onRecorded: () => void;
  onCancel: () => void;
}

export function OptOutForm(props: FormProps) {
  const { t } = useText();
  const { reason, setReason, submit, call } = useOptOut(props);
  return (
    <Flex direction="column" gap="sm">
      <Text variant="microcopy">{t('card.opt_out_help')}</Text>
      <TextArea
        name="opt_out_reason"
        label={t('card.opt_out_reason')}
        rows={2}
        maxLength={REASON_LENGTH}
        readOnly={call.busy}
        value={reason}
        onInput={setReason}
        onChange={setReason}
      />
      <OptOutError error={call.error} />
      <Flex direction="row" gap="xs" wrap>
        <LoadingButton size="sm" loading={call.busy} onClick={submit}>
          {t('card.opt_out_submit')}
        </LoadingButton>
        <Button variant="transparent" size="sm" disabled={call.busy} onClick={props.onCancel}>
          {t('common.cancel')}
        </Button>
      </Flex>
    </Flex>
  );
}

function OptOutError({ error }: { error: ApiError | null }) {
  const { t } = useText();
  if (!error) return null;
  return (
    <Alert
      title={t(error.undecided ? 'card.opt_out_undecided' : 'card.opt_out_error')}
      variant={error.undecided ? 'warning' : 'danger'}
    >
      {errorText(error, 'opt_out', t)}
    </Alert>
  );
}

function useOptOut({ number, record, onRecorded }: FormProps) {
  const api = useApi();
  const { t } = useText();
  const { addAlert } = useExtensionActions<'crm.record.sidebar'>();
  const [reason, setReason] = useState('');
  const call = useCall();
  const submit = async () => {
    const done = await call.run(() =>
      api.recordOptOut({ ...record, recipient: number, reason: reason.trim() }),
    );
    if (!done) return;
    addAlert({ type: 'success', message: t('card.opt_out_done', { number: formatPhone(number) }) });
    onRecorded();
  };
  return { reason, setReason, submit, call };
}

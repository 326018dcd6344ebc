/** Records that an opted-out person agrees to SMS again, with a reason that is stored with its author. */
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

/** The backend's limits, in characters. */
const REASON_LENGTH = { min: 3, max: 500 } as const;

interface ConsentFormProps {
  /** E.164; a number of the record. */
  number: string;
  record: RecordRef;
  onRecorded: () => void;
  /** Closes the form, where no surrounding element does. */
  onCancel?: () => void;
}

export function ConsentForm(props: ConsentFormProps) {
  const { t } = useText();
  const { reason, setReason, submit, call } = useConsent(props);
  return (
    <Flex direction="column" gap="sm">
      <Text variant="microcopy">{t('compose.consent.help')}</Text>
      <TextArea
        name="consent_reason"
        label={t('compose.consent.reason')}
        placeholder={t('compose.consent.placeholder')}
        required
        rows={2}
        maxLength={REASON_LENGTH.max}
        readOnly={call.busy}
        value={reason}
        onInput={setReason}
        onChange={setReason}
      />
      <ConsentError error={call.error} />
      <Flex direction="row" gap="xs" wrap>
        <LoadingButton
          size="sm"
          loading={call.busy}
          disabled={reason.trim().length < REASON_LENGTH.min}
          onClick={submit}
        >
          {t('compose.consent.submit')}
        </LoadingButton>
        {props.onCancel && (
          <Button variant="transparent" size="sm" disabled={call.busy} onClick={props.onCancel}>
            {t('common.cancel')}
          </Button>
        )}
      </Flex>
    </Flex>
  );
}

function ConsentError({ error }: { error: ApiError | null }) {
  const { t } = useText();
  if (!error) return null;
  return (
    <Alert
      title={t(error.undecided ? 'compose.consent.undecided_title' : 'compose.consent.error_title')}
      variant="danger"
    >
      {errorText(error, 'consent', t)}
    </Alert>
  );
}

function useConsent({ number, record, onRecorded }: ConsentFormProps) {
  const api = useApi();
  const { t } = useText();
  const { addAlert } = useExtensionActions<'crm.record.sidebar'>();
  const [reason, setReason] = useState('');
  const call = useCall();
  const submit = async () => {
    const command = { ...record, recipient: number, reason: reason.trim() };
    const done = await call.run(() => api.recordConsent(command));
    if (!done) return;
    addAlert({ type: 'success', message: t('compose.consent.done', { number: formatPhone(number) }) });
    onRecorded();
  };
  return { reason, setReason, submit, call };
}

/** Records that a person asked not to be texted any more: a button that opens a small form. */
import { useApi, type ApiError, type CardData, type RecordRef } from '@connector/api';
import { errorText, formatPhone, numberLabel, useText } from '@connector/i18n';
import { useCall } from '@connector/sms-ui';
import {
  Alert,
  Button,
  Flex,
  LoadingButton,
  Select,
  Text,
  TextArea,
  Tile,
  useExtensionActions,
} from '@hubspot/ui-extensions';
import { useState } from 'react';
import { numberKey, usableNumbers, type UsableNumber } from '../compose/recipients';

/** The backend's limit, in characters. */
const REASON_LENGTH = 500;

interface OptOutProps {
  data: CardData;
  record: RecordRef;
  /** The card's data have changed. */
  refresh: () => void;
}

export function OptOut({ data, record, refresh }: OptOutProps) {
  const { t } = useText();
  const [isOpen, setOpen] = useState(false);
  const numbers = usableNumbers(data.numbers).filter(({ is_opted_out }) => !is_opted_out);
  if (!data.may_send || !numbers.length) return null;
  if (!isOpen) {
    return (
      <Flex direction="row">
        <Button variant="transparent" size="xs" onClick={() => setOpen(true)}>
          {t('card.opt_out')}
        </Button>
      </Flex>
    );
  }
  const recorded = () => {
    setOpen(false);
    refresh();
  };
  return (
    <Tile compact>
      <OptOutForm numbers={numbers} record={record} onRecorded={recorded} onCancel={() => setOpen(false)} />
    </Tile>
  );
}

interface FormProps {
  numbers: UsableNumber[];
  record: RecordRef;
  onRecorded: () => void;
  onCancel: () => void;
}

function OptOutForm(props: FormProps) {
  const { t } = useText();
  const { chosen, choose, reason, setReason, submit, call } = useOptOut(props);
  return (
    <Flex direction="column" gap="sm">
      <Text variant="microcopy">{t('card.opt_out_help')}</Text>
      <NumberSelect numbers={props.numbers} chosen={chosen} choose={choose} readOnly={call.busy} />
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
        <LoadingButton size="sm" loading={call.busy} disabled={!chosen} onClick={submit}>
          {t('card.opt_out_submit')}
        </LoadingButton>
        <Button variant="transparent" size="sm" disabled={call.busy} onClick={props.onCancel}>
          {t('common.cancel')}
        </Button>
      </Flex>
    </Flex>
  );
}

interface SelectProps {
  numbers: UsableNumber[];
  chosen: UsableNumber | undefined;
  choose: (key: string) => void;
  readOnly: boolean;
}

function NumberSelect({ numbers, chosen, choose, readOnly }: SelectProps) {
  const { t } = useText();
  const label = (number: UsableNumber) =>
    t('compose.recipient_option', {
      property: numberLabel(number, t),
      number: formatPhone(number.recipient),
    });
  return (
    <Select
      name="opt_out_number"
      label={t('card.opt_out_number')}
      required
      readOnly={readOnly}
      options={numbers.map((number) => ({ value: numberKey(number), label: label(number) }))}
      value={chosen ? numberKey(chosen) : undefined}
      onChange={(key) => choose(String(key))}
    />
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

/** The only number is chosen at once; of several, the user chooses. */
function useOptOut({ numbers, record, onRecorded }: FormProps) {
  const api = useApi();
  const { t } = useText();
  const { addAlert } = useExtensionActions<'crm.record.sidebar'>();
  const [key, choose] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const call = useCall();
  const only = numbers.length === 1 ? numbers[0] : undefined;
  const chosen = numbers.find((number) => numberKey(number) === key) ?? only;
  const submit = async () => {
    if (!chosen) return;
    const command = { ...record, recipient: chosen.recipient, reason: reason.trim() };
    const done = await call.run(() => api.recordOptOut(command));
    if (!done) return;
    addAlert({ type: 'success', message: t('card.opt_out_done', { number: formatPhone(chosen.recipient) }) });
    onRecorded();
  };
  return { chosen, choose, reason, setReason, submit, call };
}

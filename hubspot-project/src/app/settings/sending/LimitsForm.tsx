/** The form of the limits: messages an hour and a minute, and the longest wait of a message. */
import { useApi } from '@connector/api';
import { useText } from '@connector/i18n';
import { AutoGrid, Flex, Form, Heading, Input, LoadingButton, Text } from '@hubspot/ui-extensions';
import { useState } from 'react';
import {
  draftOf,
  FIELDS,
  inHours,
  isWrong,
  LARGEST,
  mayBeEmpty,
  readDraft,
  type Draft,
  type Field,
} from './limits';
import type { SendingProps } from './sendingProps';
import { useOutgoingChange } from './useOutgoingChange';

/** Of a field, in pixels: the numbers are short, the help beside them is not. */
const FIELD_WIDTH = 240;

export function LimitsForm({ data, control }: SendingProps) {
  const api = useApi();
  const { t } = useText();
  // Null: unedited, so the form follows refreshed data.
  const [typed, setTyped] = useState<Draft | null>(null);
  const { busy, change } = useOutgoingChange(control);
  const draft = typed ?? draftOf(data);
  const limits = readDraft(draft, data);
  const save = async () => {
    if (typed && limits)
      await change(
        () => api.limitOutgoing(limits),
        'sending.limits.done',
        () => setTyped(null),
      );
  };
  return (
    <Form onSubmit={save} autoComplete="off">
      <Flex direction="column" gap="sm">
        <Heading>{t('sending.limits.title')}</Heading>
        <Text>{t('sending.limits.scope')}</Text>
        <AutoGrid columnWidth={FIELD_WIDTH} gap="md">
          {FIELDS.map((field) => (
            <LimitInput
              key={field}
              field={field}
              value={draft[field]}
              readOnly={busy}
              onType={(value) => value !== draft[field] && setTyped({ ...draft, [field]: value })}
            />
          ))}
        </AutoGrid>
        <Flex direction="row">
          <LoadingButton type="submit" variant="primary" loading={busy} disabled={!typed || !limits}>
            {t('sending.limits.save')}
          </LoadingButton>
        </Flex>
      </Flex>
    </Form>
  );
}

interface LimitInputProps {
  field: Field;
  value: string;
  readOnly: boolean;
  onType: (value: string) => void;
}

/** A text field, because HubSpot's number field silently corrects a wrong number. */
function LimitInput({ field, value, readOnly, onType }: LimitInputProps) {
  const { t } = useText();
  const wrong = isWrong(field, value);
  const mistake = mayBeEmpty(field) ? 'sending.limits.wrong_or_empty' : 'sending.limits.wrong';
  return (
    <Input
      name={field}
      label={t(`sending.limits.${field}`)}
      description={t(`sending.limits.${field}_help`)}
      required={!mayBeEmpty(field)}
      readOnly={readOnly}
      value={value}
      placeholder={mayBeEmpty(field) && !inHours(field) ? t('sending.limits.none') : undefined}
      error={wrong}
      validationMessage={wrong ? t(mistake, { max: LARGEST[field] }) : undefined}
      onInput={onType}
      onChange={onType}
    />
  );
}

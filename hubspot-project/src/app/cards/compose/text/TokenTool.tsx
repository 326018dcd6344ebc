/** Inserts a property of the record into the text, optionally with a fallback for an empty property. */
import { useApi, type CrmProperty } from '@connector/api';
import { useText } from '@connector/i18n';
import { appended, RemoteView, tokenOf, useRemote } from '@connector/sms-ui';
import { Button, Flex, Input, Select, Text, useExtensionContext } from '@hubspot/ui-extensions';
import { useCallback, useState } from 'react';
import type { FieldProps } from '../field';

export function TokenTool(props: FieldProps) {
  const api = useApi();
  const { t } = useText();
  const { crm } = useExtensionContext<'crm.record.sidebar'>();
  const { objectTypeId } = crm;
  const control = useRemote(useCallback(() => api.listProperties(objectTypeId), [api, objectTypeId]));
  return (
    <RemoteView
      control={control}
      loadingLabel={t('compose.token.loading')}
      errorTitle={t('compose.token.error')}
    >
      {(properties) => <TokenForm {...props} properties={properties} />}
    </RemoteView>
  );
}

function TokenForm({ draft, edit, properties }: FieldProps & { properties: CrmProperty[] }) {
  const { t } = useText();
  const [name, setName] = useState<string | null>(null);
  const [fallback, setFallback] = useState('');
  const insert = () => {
    if (!name) return;
    edit({ text: appended(draft.text, tokenOf(name, fallback)) });
    setName(null);
    setFallback('');
  };
  return (
    <Flex direction="column" gap="sm">
      <PropertySelect properties={properties} name={name} onChoose={setName} />
      <Input
        name="token_fallback"
        label={t('compose.token.fallback')}
        description={t('compose.token.fallback_help')}
        value={fallback}
        onInput={setFallback}
        onChange={setFallback}
      />
      {name && (
        <Text variant="microcopy">{t('compose.token.result', { token: tokenOf(name, fallback) })}</Text>
      )}
      <Flex direction="row">
        <Button size="sm" disabled={!name} onClick={insert}>
          {t('compose.insert')}
        </Button>
      </Flex>
    </Flex>
  );
}

interface PropertySelectProps {
  properties: CrmProperty[];
  name: string | null;
  onChoose: (name: string) => void;
}

/** HubSpot's Select filters its options by typed text. The option holds label and internal name, so both match. */
function PropertySelect({ properties, name, onChoose }: PropertySelectProps) {
  const { t } = useText();
  return (
    <Select
      name="token"
      label={t('compose.token.property')}
      placeholder={t('compose.token.placeholder')}
      options={properties.map((property) => ({
        value: property.name,
        label: t('compose.token.option', { label: property.label, name: property.name }),
      }))}
      value={name ?? undefined}
      onChange={(value) => onChoose(String(value))}
    />
  );
}

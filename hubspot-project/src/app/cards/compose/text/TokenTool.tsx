/** Inserts a property of the record or of the person texted, optionally with a fallback for an empty property. */
import { useApi, WITHOUT_NUMBERS, type CrmProperty } from '@connector/api';
import { useText } from '@connector/i18n';
import { inserted, RemoteView, tokenOf, useRemote } from '@connector/sms-ui';
import { Button, Flex, Input, Select, Text, useExtensionContext } from '@hubspot/ui-extensions';
import { useCallback, useState } from 'react';
import type { FieldProps } from '../field';

/** A record whose properties a text may hold: the card's own, or the person's that an SMS from it goes to. */
interface Source {
  kind: 'own' | 'contact' | 'company';
  objectTypeId: string;
}

function sourcesOf(objectTypeId: string): Source[] {
  const own: Source = { kind: 'own', objectTypeId };
  const people = WITHOUT_NUMBERS.find(({ id }) => id === objectTypeId)?.people;
  if (!people) return [own];
  return [
    own,
    { kind: 'contact', objectTypeId: people.contacts },
    { kind: 'company', objectTypeId: people.companies },
  ];
}

interface TokenToolProps extends FieldProps {
  close: () => void;
}

export function TokenTool(props: TokenToolProps) {
  const { t } = useText();
  const { crm } = useExtensionContext<'crm.record.sidebar'>();
  const sources = sourcesOf(crm.objectTypeId);
  const [chosen, setChosen] = useState<string>('own');
  const source = sources.find(({ kind }) => kind === chosen);
  return (
    <Flex direction="column" gap="sm">
      {sources.length > 1 && (
        <Select
          name="token_source"
          label={t('compose.token.source')}
          options={sources.map(({ kind }) => ({ value: kind, label: t(`compose.token.${kind}`) }))}
          value={chosen}
          onChange={(value) => setChosen(String(value))}
        />
      )}
      {source && <SourceProperties key={source.kind} {...props} source={source} />}
    </Flex>
  );
}

function SourceProperties({ source, ...props }: TokenToolProps & { source: Source }) {
  const api = useApi();
  const { t } = useText();
  const { objectTypeId, kind } = source;
  const prefix = kind === 'own' ? '' : `${kind}.`;
  const control = useRemote(useCallback(() => api.listProperties(objectTypeId), [api, objectTypeId]));
  return (
    <RemoteView
      control={control}
      loadingLabel={t('compose.token.loading')}
      errorTitle={t('compose.token.error')}
    >
      {(properties) => (
        <TokenForm
          {...props}
          properties={properties.map(({ name, label }) => ({ name: prefix + name, label }))}
        />
      )}
    </RemoteView>
  );
}

function TokenForm({ draft, edit, close, properties }: TokenToolProps & { properties: CrmProperty[] }) {
  const { t } = useText();
  const [name, setName] = useState<string | null>(null);
  const [fallback, setFallback] = useState('');
  const insert = () => {
    if (!name) return;
    const label = properties.find((property) => property.name === name)?.label ?? name;
    edit({
      ...inserted(draft.text, draft.cursor, tokenOf(name, fallback)),
      labels: { ...draft.labels, [name]: label },
    });
    close();
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

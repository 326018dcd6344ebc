/** Updates, renames or deletes the chosen template. The whole portal shares it, so the last two ask first. */
import { useApi, type Template } from '@connector/api';
import { useText } from '@connector/i18n';
import { useCall, type Call } from '@connector/sms-ui';
import { Button, Flex, LoadingButton, Text, useExtensionActions } from '@hubspot/ui-extensions';
import { useState } from 'react';
import { toTemplate } from '../review';
import type { FieldProps } from '../field';
import { isTemplateName, NameField } from './NameField';
import { TemplateError } from './TemplateError';

interface TemplateCareProps extends FieldProps {
  template: Template;
  onChanged: (now: Template) => void;
  onDeleted: (id: string) => void;
}

export function TemplateCare(props: TemplateCareProps) {
  const call = useCall();
  const [step, setStep] = useState<'choose' | 'rename' | 'delete'>('choose');
  const part = { ...props, call, back: () => setStep('choose') };
  return (
    <Flex direction="column" gap="sm">
      {step === 'rename' && <Rename {...part} />}
      {step === 'delete' && <Delete {...part} />}
      {step === 'choose' && <Choose {...part} go={setStep} />}
      <TemplateError error={call.error} />
    </Flex>
  );
}

interface PartProps extends TemplateCareProps {
  call: Call;
  back: () => void;
}

function Choose({
  template,
  draft,
  review,
  call,
  onChanged,
  go,
}: PartProps & { go: (step: 'rename' | 'delete') => void }) {
  const api = useApi();
  const { t } = useText();
  const { addAlert } = useExtensionActions<'crm.record.sidebar'>();
  const content = toTemplate(draft, review);
  const isSame = Object.entries(content).every(
    ([name, value]) => JSON.stringify(value) === JSON.stringify(template[name as keyof typeof content]),
  );
  const update = async () => {
    const done = await call.run(() => api.updateTemplate(template.id, template.version, content));
    if (!done) return;
    addAlert({ type: 'success', message: t('compose.template.updated', { name: template.name }) });
    onChanged(done.answer);
  };
  return (
    <Flex direction="row" gap="xs" wrap>
      {!isSame && draft.text.trim() !== '' && (
        <LoadingButton size="xs" loading={call.busy} onClick={update}>
          {t('compose.template.update')}
        </LoadingButton>
      )}
      <Button size="xs" onClick={() => go('rename')}>
        {t('compose.template.rename')}
      </Button>
      <Button size="xs" onClick={() => go('delete')}>
        {t('compose.template.delete')}
      </Button>
    </Flex>
  );
}

function Rename({ template, call, back, onChanged }: PartProps) {
  const api = useApi();
  const { t } = useText();
  const [name, setName] = useState(template.name);
  const rename = async () => {
    const done = await call.run(() => api.renameTemplate(template.id, name.trim()));
    if (!done) return;
    onChanged(done.answer);
    back();
  };
  return (
    <Flex direction="column" gap="xs">
      <NameField name={name} onName={setName} readOnly={call.busy} />
      <Flex direction="row" gap="xs">
        <LoadingButton size="xs" loading={call.busy} disabled={!isTemplateName(name)} onClick={rename}>
          {t('compose.template.rename')}
        </LoadingButton>
        <Button size="xs" variant="transparent" onClick={back}>
          {t('common.cancel')}
        </Button>
      </Flex>
    </Flex>
  );
}

function Delete({ template, call, back, onDeleted }: PartProps) {
  const api = useApi();
  const { t } = useText();
  const remove = async () => {
    if (await call.run(() => api.deleteTemplate(template.id))) onDeleted(template.id);
  };
  return (
    <Flex direction="column" gap="xs">
      <Text>{t('compose.template.delete_ask', { name: template.name })}</Text>
      <Flex direction="row" gap="xs">
        <LoadingButton size="xs" variant="destructive" loading={call.busy} onClick={remove}>
          {t('compose.template.delete_confirm')}
        </LoadingButton>
        <Button size="xs" variant="transparent" onClick={back}>
          {t('common.cancel')}
        </Button>
      </Flex>
    </Flex>
  );
}

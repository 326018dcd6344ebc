/** Saves the text, with its links, sender and push type, as a template for the whole portal. */
import { useApi } from '@connector/api';
import { useText } from '@connector/i18n';
import { useCall } from '@connector/sms-ui';
import { Flex, LoadingButton, useExtensionActions } from '@hubspot/ui-extensions';
import { useState } from 'react';
import { toTemplate } from '../review';
import type { FieldProps } from '../field';
import { isTemplateName, NameField } from './NameField';
import { TemplateError } from './TemplateError';

export function SaveTemplateTool({ draft, review, edit, close }: FieldProps & { close: () => void }) {
  const api = useApi();
  const { t } = useText();
  const { addAlert } = useExtensionActions<'crm.record.sidebar'>();
  const [name, setName] = useState('');
  const call = useCall();
  const save = async () => {
    const done = await call.run(() => api.saveTemplate(name.trim(), toTemplate(draft, review)));
    if (!done) return;
    addAlert({ type: 'success', message: t('compose.template.saved', { name: done.answer.name }) });
    edit({ templateId: done.answer.id });
    close();
  };
  return (
    <Flex direction="column" gap="sm">
      <NameField
        name={name}
        onName={setName}
        readOnly={call.busy}
        description={t('compose.template.name_help')}
      />
      <Flex direction="row">
        <LoadingButton size="sm" loading={call.busy} disabled={!isTemplateName(name)} onClick={save}>
          {t('compose.template.save')}
        </LoadingButton>
      </Flex>
      <TemplateError error={call.error} />
    </Flex>
  );
}

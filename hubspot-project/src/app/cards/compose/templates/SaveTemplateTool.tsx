/** Saves the text, with its links, sender and push type, as a template for the whole portal. */
import { useApi } from '@connector/api';
import { useText } from '@connector/i18n';
import { useCall } from '@connector/sms-ui';
import { Button, Flex, LoadingButton, useExtensionActions } from '@hubspot/ui-extensions';
import { useState } from 'react';
import { toTemplate } from '../review';
import type { FieldProps } from '../field';
import { isTemplateName, NameField } from './NameField';
import { TemplateError } from './TemplateError';

interface SaveTemplateProps extends FieldProps {
  close: () => void;
  onSaved: () => void;
}

export function SaveTemplateTool({ draft, review, edit, close, onSaved }: SaveTemplateProps) {
  const api = useApi();
  const { t } = useText();
  const { addAlert } = useExtensionActions<'crm.record.sidebar'>();
  const [name, setName] = useState('');
  const call = useCall();
  const save = async () => {
    const done = await call.run(() => api.saveTemplate(name.trim(), toTemplate(draft, review)));
    if (!done) return;
    addAlert({ type: 'success', message: t('compose.template.saved', { name: done.answer.name }) });
    edit({ templateId: done.answer.id, templateName: done.answer.name });
    onSaved();
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
      <Flex direction="row" gap="sm">
        <LoadingButton size="sm" loading={call.busy} disabled={!isTemplateName(name)} onClick={save}>
          {t('compose.template.save')}
        </LoadingButton>
        <Button size="sm" variant="transparent" disabled={call.busy} onClick={close}>
          {t('common.cancel')}
        </Button>
      </Flex>
      <TemplateError error={call.error} />
    </Flex>
  );
}

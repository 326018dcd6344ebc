/** Chooses a template of the portal for the text, and updates, renames or deletes it. */
import { useApi, type Template } from '@connector/api';
import { useText, type Text as Texts } from '@connector/i18n';
import { RemoteView, useRemote, useMarks } from '@connector/sms-ui';
import { Flex, Select, Text, useExtensionContext } from '@hubspot/ui-extensions';
import { useCallback } from 'react';
import { fromTemplate, type Draft } from '../draft';
import type { FieldProps } from '../field';
import { TemplateCare } from './TemplateCare';

export function TemplateTool(props: FieldProps & { onChosen: () => void }) {
  const api = useApi();
  const { t } = useText();
  const control = useRemote(useCallback(() => api.listTemplates(), [api]));
  return (
    <RemoteView
      control={control}
      loadingLabel={t('compose.template.loading')}
      errorTitle={t('compose.template.error')}
      isEmpty={(templates) => templates.length === 0}
      empty={<Text>{t('compose.template.none')}</Text>}
    >
      {(templates) => (
        <TemplatePicker {...props} templates={templates} change={(next) => control.update(() => next)} />
      )}
    </RemoteView>
  );
}

interface TemplatePickerProps extends FieldProps {
  templates: Template[];
  onChosen: () => void;
  /** Sorts the list after a change of a template. */
  change: (templates: Template[]) => void;
}

function TemplatePicker({ templates, change, onChosen, ...field }: TemplatePickerProps) {
  const { t } = useText();
  const { markOf } = useMarks();
  const { draft, edit } = field;
  const chosen = templates.find(({ id }) => id === draft.templateId) ?? null;
  const choose = (id: unknown) => {
    const template = templates.find((each) => each.id === id);
    if (!template) return;
    const undo = { made: { kind: 'template', name: template.name }, before: contentOf(draft) } as const;
    edit(fromTemplate(template, markOf), draft.text.trim() ? undo : undefined);
    onChosen();
  };
  return (
    <Flex direction="column" gap="sm">
      <Select
        name="template"
        label={t('compose.template.choose')}
        placeholder={t('compose.template.placeholder')}
        options={templates.map(({ id, name }) => ({ value: id, label: name }))}
        value={chosen?.id}
        onChange={choose}
      />
      {chosen && <ChosenTemplate {...field} templates={templates} change={change} chosen={chosen} />}
    </Flex>
  );
}

/** The template's last change, and its actions for users with the right to edit it. */
function ChosenTemplate({
  templates,
  change,
  chosen,
  ...field
}: Omit<TemplatePickerProps, 'onChosen'> & { chosen: Template }) {
  const text = useText();
  const { user } = useExtensionContext();
  const { data, edit } = field;
  const replace = (now: Template) => {
    change(templates.map((template) => (template.id === now.id ? now : template)));
    edit({ templateName: now.name });
  };
  const remove = (id: string) => {
    change(templates.filter((template) => template.id !== id));
    edit({ templateId: null, templateName: null });
  };
  return (
    <>
      <Text variant="microcopy">{history(chosen, user.id, data.time_zone, text)}</Text>
      {data.may_edit_templates && (
        <TemplateCare key={chosen.id} {...field} template={chosen} onChanged={replace} onDeleted={remove} />
      )}
    </>
  );
}

/** The part of the draft that a template replaces, for undoing it. */
function contentOf(draft: Draft): Partial<Draft> {
  const { text, links, cursor, pushType, customSender, sender, unicode, templateId, templateName } = draft;
  return { text, links, cursor, pushType, customSender, sender, unicode, templateId, templateName };
}

function history(template: Template, userId: number, timeZone: string, { t, formatDate }: Texts): string {
  const date = formatDate(template.updated_at, timeZone);
  const known = { date, version: template.version };
  if (template.updated_by === String(userId)) return t('compose.template.changed_by_you', known);
  const who = template.updated_by_email;
  return who ? t('compose.template.changed_by', { ...known, who }) : t('compose.template.changed', known);
}

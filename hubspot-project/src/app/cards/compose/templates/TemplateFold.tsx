/** The chosen template above the text, folded: it opens to choose another one or to look after it. */
import { useText } from '@connector/i18n';
import { useState } from 'react';
import type { FieldProps } from '../field';
import { Fold } from '../Fold';
import { TemplateTool } from './TemplateTool';

export function TemplateFold(props: FieldProps) {
  const { t } = useText();
  const [open, setOpen] = useState(false);
  const { templateId, templateName } = props.draft;
  const name = (templateId && templateName) || t('compose.template.no_one');
  return (
    <Fold
      title={t('compose.template.title', { name })}
      open={open}
      onToggle={() => setOpen(!open)}
      disabled={props.readOnly}
    >
      <TemplateTool {...props} onChosen={() => setOpen(false)} />
    </Fold>
  );
}

/** The name of a template, up to the backend's length limit. */
import { useText } from '@connector/i18n';
import { Input } from '@hubspot/ui-extensions';

const MAX_LENGTH = 100;

interface NameFieldProps {
  name: string;
  onName: (name: string) => void;
  readOnly: boolean;
  description?: string;
}

export function NameField({ name, onName, readOnly, description }: NameFieldProps) {
  const { t } = useText();
  const tooLong = name.trim().length > MAX_LENGTH;
  return (
    <Input
      name="template_name"
      label={t('compose.template.name')}
      description={description}
      required
      readOnly={readOnly}
      value={name}
      error={tooLong}
      validationMessage={tooLong ? t('compose.template.name_long', { max: MAX_LENGTH }) : undefined}
      onInput={onName}
      onChange={onName}
    />
  );
}

export function isTemplateName(name: string): boolean {
  return name.trim() !== '' && name.trim().length <= MAX_LENGTH;
}

/** Alert or marketing, each with a line on its meaning: the user is responsible for the choice. */
import { PUSH_TYPES } from '@connector/api';
import { useText } from '@connector/i18n';
import { ToggleGroup } from '@hubspot/ui-extensions';
import type { FieldProps } from './field';

/** If the legal hours delay marketing, its line says so. */
const HOURS_HELP = 'compose.marketing_hours_help';

export function PushTypeField({ data, draft, edit, readOnly }: FieldProps) {
  const { t } = useText();
  const options = PUSH_TYPES.map((type) => ({
    value: type,
    label: t(`compose.${type}`),
    description: t(type === 'marketing' && data.calendar.applies ? HOURS_HELP : `compose.${type}_help`),
    readOnly,
  }));
  return (
    <ToggleGroup
      name="push_type"
      label={t('compose.push_type')}
      toggleType="radioButtonList"
      options={options}
      value={draft.pushType}
      onChange={(value) => edit({ pushType: value === 'marketing' ? 'marketing' : 'alert' })}
    />
  );
}

/** Alert or marketing, with a line on the meaning of the chosen one: the user is responsible for the choice. */
import { PUSH_TYPES } from '@connector/api';
import { useText } from '@connector/i18n';
import { Flex, Text, ToggleGroup } from '@hubspot/ui-extensions';
import type { FieldProps } from '../field';

/** If the legal hours delay marketing, its line says so. */
const HOURS_HELP = 'compose.marketing_hours_help';

export function PushTypeField({ data, draft, edit, readOnly }: FieldProps) {
  const { t } = useText();
  const { pushType } = draft;
  const help =
    pushType === 'marketing' && data.calendar.applies ? HOURS_HELP : (`compose.${pushType}_help` as const);
  return (
    <Flex direction="row" gap="md" align="end" wrap>
      <ToggleGroup
        name="push_type"
        label={t('compose.push_type')}
        toggleType="radioButtonList"
        inline
        options={PUSH_TYPES.map((type) => ({ value: type, label: t(`compose.${type}`), readOnly }))}
        value={pushType}
        onChange={(value) => edit({ pushType: value === 'marketing' ? 'marketing' : 'alert' })}
      />
      <Text variant="microcopy">{t(help)}</Text>
    </Flex>
  );
}

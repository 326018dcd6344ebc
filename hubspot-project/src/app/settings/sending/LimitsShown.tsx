/** The limits, for users without the right to change them. */
import type { Outgoing } from '@connector/api';
import { useText } from '@connector/i18n';
import { DescriptionList, DescriptionListItem, Flex, Heading, Text } from '@hubspot/ui-extensions';
import { FIELDS, valueOf, withUnit } from './limits';

export function LimitsShown({ data }: { data: Outgoing }) {
  const { t, formatNumber } = useText();
  return (
    <Flex direction="column" gap="sm">
      <Heading>{t('sending.limits.title')}</Heading>
      <Text>{t('sending.limits.scope')}</Text>
      <DescriptionList direction="row">
        {FIELDS.map((field) => {
          const value = valueOf(field, data);
          return (
            <DescriptionListItem key={field} label={t(`sending.limits.${field}`)}>
              <Text>{value === null ? t('sending.limits.none') : withUnit(field, formatNumber(value))}</Text>
            </DescriptionListItem>
          );
        })}
      </DescriptionList>
    </Flex>
  );
}

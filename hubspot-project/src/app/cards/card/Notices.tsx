/** The reason why nothing can be sent from this card, and the remedy. */
import { WITHOUT_NUMBERS, type CardData, type PhoneNumber } from '@connector/api';
import { formatList, propertyText, useText, type TextKey, type Translate } from '@connector/i18n';
import { Alert, Button, EmptyState, Flex, Text } from '@hubspot/ui-extensions';
import { describeUnusable, isFilled } from './numbers';

export function NotLinked({ settingsUrl }: { settingsUrl: string }) {
  const { t } = useText();
  return (
    <EmptyState
      title={t('card.not_linked.title')}
      imageName="integrations"
      layout="vertical"
      imageWidth={120}
      flush
    >
      <Flex direction="column" gap="sm" align="center">
        <Text>{t('card.not_linked.body')}</Text>
        <Button variant="primary" href={settingsUrl}>
          {t('common.settings')}
        </Button>
      </Flex>
    </EmptyState>
  );
}

export function NotAllowed() {
  const { t } = useText();
  return (
    <Alert title={t('card.not_allowed.title')} variant="info">
      {t('card.not_allowed.body')}
    </Alert>
  );
}

/** The object type of a record without a number of its own, such as a deal; undefined for any other. */
function objectWithoutNumber(objectTypeId: string) {
  return WITHOUT_NUMBERS.find(({ id }) => id === objectTypeId);
}

export function NoNumber({ data, objectTypeId }: { data: CardData; objectTypeId: string }) {
  const { t } = useText();
  const object = objectWithoutNumber(objectTypeId);
  return (
    <Alert title={t('card.no_number.title')} variant="info">
      <Flex direction="column" gap="xs">
        <Text>{t(object ? `card.no_number.${object.name}` : 'card.no_number.body')}</Text>
        {data.phone_properties.length > 0 && <Text>{countedProperties(data, objectTypeId, t)}</Text>}
      </Flex>
    </Alert>
  );
}

/** Names the properties that count: a filled property on the page may not be among them. */
function countedProperties({ phone_properties }: CardData, objectTypeId: string, t: Translate): string {
  const named = (type: string) => {
    const own = phone_properties.filter((property) => property.object_type_id === type);
    return own.map(({ name, label }) => propertyText(name, label, t));
  };
  const object = objectWithoutNumber(objectTypeId);
  if (object) {
    const slots = Object.entries(object.people).map(([people, id]) => [people, formatList(named(id), t)]);
    return t(`card.no_number.counted_${object.name}`, Object.fromEntries(slots));
  }
  const own = named(objectTypeId);
  return t('card.no_number.counted', { count: own.length, properties: formatList(own, t) });
}

export function NoUsableNumber({ numbers, objectTypeId }: { numbers: PhoneNumber[]; objectTypeId: string }) {
  const { t } = useText();
  const object = objectWithoutNumber(objectTypeId);
  return (
    <Alert title={t('card.invalid.title', { count: numbers.filter(isFilled).length })} variant="warning">
      <Flex direction="column" gap="xs">
        {describeUnusable(numbers, t).map((line) => (
          <Text key={line}>{line}</Text>
        ))}
        <Text>{t(object ? `card.invalid.${object.name}` : 'card.invalid.body')}</Text>
      </Flex>
    </Alert>
  );
}

/** Every number is opted out, or unassigned: the reason, and the remedy. */
export function NobodyToText({ data, why }: { data: CardData; why: 'opted_out' | 'unassigned' }) {
  const { t } = useText();
  const remedy = why === 'opted_out' && !data.may_record_consent ? 'opted_out.ask' : `${why}.body`;
  return (
    <Alert title={t(`card.${why}.title`)} variant="warning">
      {t(`card.${remedy}` as TextKey)}
    </Alert>
  );
}

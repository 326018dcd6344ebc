/** Why nothing can be sent from this card, and the way out. */
import type { PhoneNumber } from '@connector/api';
import { useText } from '@connector/i18n';
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

/** HubSpot's type of a deal, which has no number of its own. */
const DEAL = '0-3';

export function NoNumber({ objectTypeId }: { objectTypeId: string }) {
  const { t } = useText();
  return (
    <Alert title={t('card.no_number.title')} variant="info">
      {t(objectTypeId === DEAL ? 'card.no_number.deal' : 'card.no_number.body')}
    </Alert>
  );
}

export function NoUsableNumber({ numbers, objectTypeId }: { numbers: PhoneNumber[]; objectTypeId: string }) {
  const { t } = useText();
  return (
    <Alert title={t('card.invalid.title', { count: numbers.filter(isFilled).length })} variant="warning">
      <Flex direction="column" gap="xs">
        {describeUnusable(numbers, t).map((line) => (
          <Text key={line}>{line}</Text>
        ))}
        <Text>{t(objectTypeId === DEAL ? 'card.invalid.deal' : 'card.invalid.body')}</Text>
      </Flex>
    </Alert>
  );
}

/** What the card shows once it has its data: figures, the one button or why there is none, the latest messages. */
import type { CardData } from '@connector/api';
import { problemText, useText } from '@connector/i18n';
import { Alert, Flex, Link } from '@hubspot/ui-extensions';
import { ComposerButton } from '../compose/ComposerPanel';
import type { Composer } from '../compose/useComposer';
import { readiness } from './cardData';
import { MessageList } from './MessageList';
import { NoNumber, NotLinked, NoUsableNumber } from './Notices';
import { Summary } from './Summary';

interface CardBodyProps {
  data: CardData;
  composer: Composer;
}

export function CardBody({ data, composer }: CardBodyProps) {
  if (readiness(data) === 'not_linked') {
    return (
      <Flex direction="column" gap="md">
        <NotLinked settingsUrl={data.settings_url} />
        {data.messages.length > 0 && <MessageList data={data} />}
      </Flex>
    );
  }
  return (
    <Flex direction="column" gap="md">
      <AccountProblem data={data} />
      <Summary data={data} />
      <SendArea data={data} composer={composer} />
      <MessageList data={data} />
    </Flex>
  );
}

function SendArea({ data, composer }: CardBodyProps) {
  const ready = readiness(data);
  if (ready === 'no_number') return <NoNumber />;
  if (ready === 'no_usable_number') return <NoUsableNumber numbers={data.numbers} />;
  return <ComposerButton data={data} composer={composer} />;
}

function AccountProblem({ data }: { data: CardData }) {
  const { t } = useText();
  const { problem } = data.account;
  if (!problem) return null;
  return (
    <Alert title={t('card.problem.title')} variant="warning">
      {problemText(problem, t)} <Link href={data.settings_url}>{t('common.settings')}</Link>
    </Alert>
  );
}

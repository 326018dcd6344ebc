/** The loaded card: figures, the button or the reason why there is none, scheduled messages, the latest messages. */
import type { CardData, Message } from '@connector/api';
import { problemText, problemTitle, useText } from '@connector/i18n';
import type { RemoteControl } from '@connector/sms-ui';
import { Alert, Flex, Link } from '@hubspot/ui-extensions';
import { ComposerButton } from '../compose/ComposerPanel';
import type { Composer } from '../compose/useComposer';
import { latestMessages, readiness, withMessage } from './cardData';
import { HeldList } from './HeldList';
import { MessageList } from './MessageList';
import { NobodyToText, NoNumber, NotAllowed, NotLinked, NoUsableNumber } from './Notices';
import { NumberList } from './NumberList';
import { ScheduledList } from './ScheduledList';
import { Summary } from './Summary';
import { Unread } from './Unread';

interface CardBodyProps {
  data: CardData;
  composer: Composer;
  control: RemoteControl<CardData>;
}

export function CardBody({ data, composer, control }: CardBodyProps) {
  const { refresh, update } = control;
  const isLinked = data.account.state === 'linked';
  const messages = latestMessages(data);
  const showCancelled = (message: Message) => {
    update((before) => withMessage(before, message));
    // A message outside the list takes the freed place.
    if (data.scheduled_count > data.scheduled.length) void refresh();
  };
  const cancelling = { refresh, onCancelled: showCancelled };
  return (
    <Flex direction="column" gap="md">
      {!isLinked && <NotLinked settingsUrl={data.settings_url} />}
      {isLinked && <AccountProblem data={data} />}
      {isLinked && <Summary data={data} />}
      <Unread data={data} record={composer.record} update={update} />
      {(isLinked || composer.isOpen) && <SendArea data={data} composer={composer} />}
      {isLinked && <NumberList data={data} record={composer.record} refresh={composer.refreshCard} />}
      <HeldList data={data} record={composer.record} {...cancelling} />
      <ScheduledList data={data} {...cancelling} />
      {(isLinked || messages.length > 0) && (
        <MessageList
          messages={messages}
          timeZone={data.time_zone}
          cancelling={data.may_send ? cancelling : null}
        />
      )}
    </Flex>
  );
}

function SendArea({ data, composer }: Omit<CardBodyProps, 'control'>) {
  const ready = readiness(data);
  const why = ready === 'opted_out' || ready === 'unassigned' ? ready : null;
  // An open panel stays, with its draft and its messages, when the number or the account disappears meanwhile: so the
  // button has one place in the tree. Where an SMS would not arrive it calls for nothing.
  if (ready === 'ready' || why || composer.isOpen) {
    return (
      <>
        {why && <NobodyToText data={data} why={why} />}
        <ComposerButton data={data} composer={composer} variant={why ? 'secondary' : 'primary'} />
      </>
    );
  }
  if (ready === 'not_allowed') return <NotAllowed />;
  if (ready === 'no_number') return <NoNumber data={data} objectTypeId={composer.record.object_type_id} />;
  return <NoUsableNumber numbers={data.numbers} objectTypeId={composer.record.object_type_id} />;
}

function AccountProblem({ data }: { data: CardData }) {
  const { t } = useText();
  const { problem } = data.account;
  if (!problem) return null;
  return (
    <Alert title={problemTitle(problem, t)} variant="warning">
      {problemText(problem, t)} <Link href={data.settings_url}>{t('common.settings')}</Link>
    </Alert>
  );
}

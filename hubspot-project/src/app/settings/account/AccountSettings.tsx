/** The linked SMSFactor account, and the form to link one. */
import { useApi, type CodedProblem, type SettingsData } from '@connector/api';
import { problemText, problemTitle, useText } from '@connector/i18n';
import { RemoteView, useRemote, type RemoteControl } from '@connector/sms-ui';
import { Alert, Button, Flex, Heading, Text } from '@hubspot/ui-extensions';
import { useCallback, useState } from 'react';
import { AccountDetails } from './AccountDetails';
import { LinkForm } from './LinkForm';

export function AccountSettings() {
  const api = useApi();
  const { t } = useText();
  const control = useRemote(useCallback(() => api.openSettings(), [api]));
  return (
    <RemoteView control={control} loadingLabel={t('settings.loading')} errorTitle={t('settings.error_title')}>
      {(data) => <AccountView data={data} control={control} />}
    </RemoteView>
  );
}

interface AccountViewProps {
  data: SettingsData;
  control: RemoteControl<SettingsData>;
}

function AccountView({ data, control }: AccountViewProps) {
  const { t } = useText();
  const [changing, setChanging] = useState(false);
  const linked = (now: SettingsData) => {
    setChanging(false);
    control.update(() => now);
  };
  return (
    <Flex direction="column" gap="md">
      <Problems problems={data.problems} />
      <Heading>{t('settings.title')}</Heading>
      {data.account ? (
        <AccountDetails account={data.account} sentCount={data.sent_count} />
      ) : (
        <NotLinkedYet />
      )}
      {!data.may_edit && <Text variant="microcopy">{t('settings.read_only')}</Text>}
      {data.may_edit && data.account && !changing && (
        <Flex direction="row">
          <Button onClick={() => setChanging(true)}>{t('settings.change')}</Button>
        </Flex>
      )}
      {data.may_edit && (changing || !data.account) && (
        <LinkForm
          replaces={data.account !== null}
          onLinked={linked}
          onCancel={data.account ? () => setChanging(false) : undefined}
        />
      )}
    </Flex>
  );
}

/** Everything that needs a person, each with its remedy; the card shows the oldest one. */
function Problems({ problems }: { problems: CodedProblem[] }) {
  const { t } = useText();
  return problems.map((problem) => (
    <Alert key={problem.code} title={problemTitle(problem, t)} variant="warning">
      {problemText(problem, t)}
    </Alert>
  ));
}

function NotLinkedYet() {
  const { t } = useText();
  return (
    <Alert title={t('settings.not_linked.title')} variant="info">
      {t('settings.not_linked.body')}
    </Alert>
  );
}

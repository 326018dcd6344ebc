/** The switch for links to the reports of batches in timeline events. */
import { useApi, type Preferences } from '@connector/api';
import { useText } from '@connector/i18n';
import { RemoteView, useRemote, type RemoteControl } from '@connector/sms-ui';
import { Flex, Heading, Text, Toggle } from '@hubspot/ui-extensions';
import { useCallback } from 'react';
import { useOutgoingChange } from './useOutgoingChange';

export function BatchReports({ mayEdit }: { mayEdit: boolean }) {
  const api = useApi();
  const { t } = useText();
  const control = useRemote(useCallback(() => api.readPreferences(), [api]));
  return (
    <Flex direction="column" gap="sm">
      <Heading>{t('sending.reports.title')}</Heading>
      <RemoteView
        control={control}
        loadingLabel={t('sending.reports.loading')}
        errorTitle={t('sending.reports.error_title')}
      >
        {(preferences) => <ReportSwitch preferences={preferences} control={control} mayEdit={mayEdit} />}
      </RemoteView>
    </Flex>
  );
}

interface ReportSwitchProps {
  preferences: Preferences;
  control: RemoteControl<Preferences>;
  mayEdit: boolean;
}

function ReportSwitch({ preferences, control, mayEdit }: ReportSwitchProps) {
  const api = useApi();
  const { t } = useText();
  const { busy, change } = useOutgoingChange(control);
  const save = (isShown: boolean) =>
    void change(
      () => api.savePreferences({ ...preferences, hide_batch_reports: !isShown }),
      'sending.reports.done',
    );
  return (
    <Flex direction="column" gap="xs">
      <Toggle
        name="batch_reports"
        label={t('sending.reports.label')}
        size="sm"
        checked={!preferences.hide_batch_reports}
        readOnly={busy || !mayEdit}
        onChange={save}
      />
      <Text variant="microcopy">{t('sending.reports.help')}</Text>
    </Flex>
  );
}

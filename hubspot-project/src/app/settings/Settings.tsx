/** The settings, in tabs. */
import { useText } from '@connector/i18n';
import { Tab, Tabs } from '@hubspot/ui-extensions';
import { useState } from 'react';
import { AccountSettings } from './account/AccountSettings';
import { SendingSettings } from './sending/SendingSettings';

export function Settings() {
  const { t } = useText();
  const [shown, setShown] = useState<string>('account');
  return (
    <Tabs selected={shown} onSelectedChange={(tab: string) => setShown(tab)}>
      <Tab tabId="account" title={t('settings.tab.account')}>
        <AccountSettings />
      </Tab>
      <Tab tabId="sending" title={t('settings.tab.sending')}>
        {/* Its figures are of this moment: read when they are looked at, and followed only then. */}
        {shown === 'sending' && <SendingSettings />}
      </Tab>
    </Tabs>
  );
}

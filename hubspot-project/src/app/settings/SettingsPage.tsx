/** Entry of the app's settings, under Connected apps. */
import { hubspot } from '@hubspot/ui-extensions';
import { AccountSettings } from './account/AccountSettings';

hubspot.extend<'settings'>(() => <AccountSettings />);

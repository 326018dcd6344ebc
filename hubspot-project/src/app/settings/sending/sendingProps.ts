/** What every part of the settings' view of sending gets. */
import type { Outgoing } from '@connector/api';
import type { RemoteControl } from '@connector/sms-ui';

export interface SendingProps {
  data: Outgoing;
  control: RemoteControl<Outgoing>;
}

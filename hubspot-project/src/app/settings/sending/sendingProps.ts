/** The props of every part of the settings' view of sending. */
import type { Outgoing } from '@connector/api';
import type { RemoteControl } from '@connector/sms-ui';

export interface SendingProps {
  data: Outgoing;
  control: RemoteControl<Outgoing>;
}

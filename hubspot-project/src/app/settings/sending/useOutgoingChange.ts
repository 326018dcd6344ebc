/** Changes the sending settings, one call at a time. Success shows a message; an unknown result triggers a new read. */
import { errorText, useText, type TextKey } from '@connector/i18n';
import { useCall, type RemoteControl } from '@connector/sms-ui';
import { useExtensionActions } from '@hubspot/ui-extensions';

export function useOutgoingChange<T>(control: RemoteControl<T>) {
  const { t } = useText();
  const { addAlert } = useExtensionActions<'settings'>();
  const call = useCall((error) => {
    addAlert({
      type: error.undecided ? 'warning' : 'danger',
      title: t(error.undecided ? 'sending.change_undecided' : 'sending.change_error'),
      message: errorText(error, 'outgoing', t),
    });
    void control.refresh();
  });
  const change = async (ask: () => Promise<T>, done: TextKey, onMade?: () => void): Promise<void> => {
    const made = await call.run(ask);
    if (!made) return;
    control.update(() => made.answer);
    addAlert({ type: 'success', message: t(done) });
    onMade?.();
  };
  return { busy: call.busy, change };
}

/** The state of the link form: the typed token, one call at a time, and its error. */
import { toApiError, useApi, type ApiError, type SettingsData } from '@connector/api';
import { useText } from '@connector/i18n';
import { useExtensionActions } from '@hubspot/ui-extensions';
import { useRef, useState } from 'react';

export function useLinkAccount(onLinked: (now: SettingsData) => void) {
  const api = useApi();
  const { t } = useText();
  const { addAlert } = useExtensionActions<'settings'>();
  const [token, setToken] = useState('');
  const [linking, setLinking] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const busy = useRef(false);

  const link = async () => {
    const pasted = token.trim();
    if (busy.current || !pasted) return;
    busy.current = true;
    setLinking(true);
    setError(null);
    try {
      const now = await api.linkAccount(pasted);
      setToken('');
      addAlert({
        type: 'success',
        message: t('settings.link.done', { client_id: now.account?.client_id ?? '' }),
      });
      onLinked(now);
    } catch (thrown) {
      setError(toApiError(thrown));
    } finally {
      busy.current = false;
      setLinking(false);
    }
  };

  return { token, setToken, linking, error, link };
}

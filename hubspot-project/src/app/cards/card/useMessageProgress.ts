/** Follows messages on their way: asks where they stand, and for the whole card again once that has changed. */
import type { Api, CardData } from '@connector/api';
import { usePolling, type RemoteControl } from '@connector/sms-ui';
import { useCallback } from 'react';
import { isUnderWay } from './cardData';

/**
 * Asking where messages stand is cheap for the backend; opening the card reads the record in HubSpot, whose calls are
 * counted. So the card is only opened again when a status, or the reason for it, has changed: count and balance may then have changed too.
 */
export function useMessageProgress(api: Api, { remote, refresh }: RemoteControl<CardData>): void {
  const messages = remote.status === 'ready' ? remote.data.messages : [];
  const underWay = messages.filter(isUnderWay);

  const ask = useCallback(async () => {
    const now = await api.readMessages(underWay.map(({ id }) => id)).catch(() => null);
    // Without an answer the card itself is asked for, which tells the reader that the last refresh failed.
    const moved = now?.some(({ id, status, reason }) => {
      const shown = underWay.find((message) => message.id === id);
      return shown?.status !== status || shown.reason !== reason;
    });
    if (now === null || moved) await refresh();
  }, [api, underWay, refresh]);

  usePolling(underWay.length > 0, messages[0]?.id ?? '', ask);
}

/** Follows messages on their way: asks where they stand, and for the whole card again once that has changed. */
import type { Api, CardData, Message } from '@connector/api';
import { usePolling, type RemoteControl } from '@connector/sms-ui';
import { useCallback } from 'react';
import { isUnderWay, latestMessages } from './cardData';

/** The backend tells of no more messages in one answer. */
const MOST_ASKED = 20;

/**
 * Asking where messages stand is cheap for the backend; opening the card reads the record in HubSpot, whose calls are
 * counted. So the card is only opened again when a status has moved: count and balance have then moved too.
 */
export function useMessageProgress(api: Api, { remote, refresh }: RemoteControl<CardData>): void {
  const underWay = remote.status === 'ready' ? followed(remote.data) : [];

  const ask = useCallback(async () => {
    const now = await api.readMessages(underWay.map(({ id }) => id)).catch(() => null);
    // Without an answer the card itself is asked for, which tells the reader that the last refresh failed.
    const moved = now?.some(({ id, status }) => underWay.find((shown) => shown.id === id)?.status !== status);
    if (now === null || moved) await refresh();
  }, [api, underWay, refresh]);

  usePolling(underWay.length > 0, underWay[0]?.id ?? '', ask);
}

/** The latest messages that still move, then those that wait for their time: one of them may leave while in view. */
function followed(data: CardData): Message[] {
  const latest = latestMessages(data).filter(isUnderWay);
  return [...latest, ...data.scheduled].slice(0, MOST_ASKED);
}

/** Follows messages under way: polls their state, and reloads the whole card after a change. */
import type { Api, CardData, Message } from '@connector/api';
import { usePolling, type RemoteControl } from '@connector/sms-ui';
import { useCallback, useMemo } from 'react';
import { isUnderWay, latestMessages } from './cardData';

/** The backend reports at most this many messages in one answer. */
const MOST_ASKED = 20;

/**
 * Polling the state of messages is cheap for the backend. Opening the card reads the record in HubSpot, whose calls
 * are limited. So the card is opened again only when a status or its reason has changed: count and balance may then
 * have changed too.
 */
export function useMessageProgress(api: Api, { remote, refresh }: RemoteControl<CardData>): void {
  const data = remote.status === 'ready' ? remote.data : null;
  const underWay = useMemo(() => (data ? followed(data) : []), [data]);

  const ask = useCallback(async () => {
    const now = await api.readMessages(underWay.map(({ id }) => id)).catch(() => null);
    // Without an answer, the card itself is reloaded, and the reader sees that the last refresh failed.
    const moved = now?.some((message) =>
      hasMoved(
        message,
        underWay.find(({ id }) => id === message.id),
      ),
    );
    if (now === null || moved) await refresh();
  }, [api, underWay, refresh]);

  usePolling(underWay.length > 0, underWay[0]?.id ?? '', ask);
}

/** The latest messages whose status can change, then the scheduled ones: one of them may leave while in view. */
function followed(data: CardData): Message[] {
  const latest = latestMessages(data).filter(isUnderWay);
  return [...latest, ...data.scheduled].slice(0, MOST_ASKED);
}

/** True also when only the reason is new: a message that waits for SMSFactor keeps its status but states a reason. */
function hasMoved(now: Message, shown: Message | undefined): boolean {
  return (['status', 'reason', 'report_url'] as const).some((fact) => now[fact] !== shown?.[fact]);
}

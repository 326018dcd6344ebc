/** Follows messages on their way: asks where they stand, and for the whole card again once that has changed. */
import type { Api, CardData, Message } from '@connector/api';
import { usePolling, type RemoteControl } from '@connector/sms-ui';
import { useCallback, useMemo } from 'react';
import { isUnderWay, latestMessages } from './cardData';

/** The backend tells of no more messages in one answer. */
const MOST_ASKED = 20;

/**
 * Asking where messages stand is cheap for the backend; opening the card reads the record in HubSpot, whose calls are
 * counted. So the card is only opened again when a status, or the reason for it, has changed: count and balance may then have changed too.
 */
export function useMessageProgress(api: Api, { remote, refresh }: RemoteControl<CardData>): void {
  const data = remote.status === 'ready' ? remote.data : null;
  const underWay = useMemo(() => (data ? followed(data) : []), [data]);

  const ask = useCallback(async () => {
    const now = await api.readMessages(underWay.map(({ id }) => id)).catch(() => null);
    // Without an answer the card itself is asked for, which tells the reader that the last refresh failed.
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

/** The latest messages that still move, then those that wait for their time: one of them may leave while in view. */
function followed(data: CardData): Message[] {
  const latest = latestMessages(data).filter(isUnderWay);
  return [...latest, ...data.scheduled].slice(0, MOST_ASKED);
}

/** Also when only the reason is new: a message that waits for SMSFactor keeps its status, and says why it waits. */
function hasMoved(now: Message, shown: Message | undefined): boolean {
  return (['status', 'reason', 'report_url'] as const).some((fact) => now[fact] !== shown?.[fact]);
}

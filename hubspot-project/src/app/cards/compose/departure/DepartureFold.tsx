/** Sender and time of departure in one line, which opens to change them. */
import { countryText, useText, type Text as Texts } from '@connector/i18n';
import { clockChange, joinWallClock } from '@connector/sms-ui';
import { Flex, Text } from '@hubspot/ui-extensions';
import { useState } from 'react';
import type { FieldProps } from '../field';
import { Fold } from '../Fold';
import type { PreviewControl } from '../usePreview';
import { ScheduleField } from './ScheduleField';
import { SenderField } from './SenderField';

interface DepartureProps extends FieldProps {
  preview: PreviewControl;
}

export function DepartureFold(props: DepartureProps) {
  const text = useText();
  const [open, setOpen] = useState(false);
  const notes = notesOn(props, text);
  return (
    <Flex direction="column" gap="flush">
      <Fold
        title={titleOf(props, text)}
        open={open}
        onToggle={() => setOpen(!open)}
        disabled={props.readOnly}
      >
        <Flex direction="column" gap="sm">
          <SenderField {...props} />
          <ScheduleField {...props} />
        </Flex>
      </Fold>
      {notes.map((note) => (
        <Text key={note} variant="microcopy">
          {note}
        </Text>
      ))}
    </Flex>
  );
}

/** For example: From LUMEN · now. */
function titleOf(props: DepartureProps, text: Texts): string {
  const { sender, senderValid } = props.review;
  const name = sender === null ? 'compose.sender_default' : 'compose.sender_open';
  return text.t('compose.departure', {
    sender: sender !== null && senderValid ? sender : text.t(name),
    when: whenOf(props, text),
  });
}

function whenOf({ draft, preview: { state }, data }: DepartureProps, { t, formatDay }: Texts): string {
  const preview = state.status === 'ready' ? state.preview : null;
  if (preview?.is_delayed) return t('compose.schedule_legal');
  const { schedule } = draft;
  if (!schedule) return t('compose.schedule_at_once');
  if (preview) return formatDay(preview.effective_at, data.time_zone);
  // Formats a wall-clock time as if it were UTC: only the backend knows the instant.
  const wall = joinWallClock(schedule.date, schedule.time);
  return wall ? formatDay(`${wall}:00Z`, 'UTC') : t('compose.schedule_open');
}

/** Help where it applies: no replies, an hour of a clock change, other clocks at the recipient's. */
function notesOn({ review, preview: { state }, data }: DepartureProps, text: Texts): string[] {
  const { t, formatTime } = text;
  const notes: string[] = [];
  const { sender, senderValid, sendAt, recipient } = review;
  if (sender !== null && senderValid) notes.push(t('compose.sender_no_reply'));
  const change = sendAt && clockChange(sendAt, data.time_zone);
  if (change) notes.push(t(`compose.schedule_${change}`));
  if (state.status === 'ready' && state.preview.recipient_time_zone && recipient) {
    const { effective_at: at, recipient_time_zone: zone } = state.preview;
    const place = countryText(recipient.country, t);
    notes.push(
      t('compose.schedule_there', {
        here: formatTime(at, data.time_zone),
        there: formatTime(at, zone),
        place,
      }),
    );
  }
  return notes;
}

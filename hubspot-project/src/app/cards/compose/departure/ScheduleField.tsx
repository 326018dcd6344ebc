/** The time of departure: now, or a date and time in the portal's time zone, which is named. */
import { useText } from '@connector/i18n';
import { splitWallClock, utcOffset, wallClock } from '@connector/sms-ui';
import { DateInput, Flex, Text, TimeInput, ToggleGroup } from '@hubspot/ui-extensions';
import type { Schedule } from '../draft';
import type { FieldProps } from '../field';

const HOUR_MS = 3_600_000;

export function ScheduleField(props: FieldProps) {
  const { t } = useText();
  const { draft, data, edit, readOnly } = props;
  const choose = (value: string) =>
    edit({ schedule: value === 'later' ? (draft.schedule ?? nextHour(data.time_zone)) : null });
  return (
    <Flex direction="column" gap="sm">
      <ToggleGroup
        name="schedule"
        label={t('compose.schedule')}
        toggleType="radioButtonList"
        inline
        options={(['now', 'later'] as const).map((value) => ({
          value,
          label: t(`compose.schedule_${value}`),
          readOnly,
        }))}
        value={draft.schedule ? 'later' : 'now'}
        onChange={choose}
      />
      {draft.schedule && <ScheduleInputs {...props} schedule={draft.schedule} />}
    </Flex>
  );
}

function ScheduleInputs({ data, review, edit, readOnly, schedule }: FieldProps & { schedule: Schedule }) {
  const { t } = useText();
  const now = new Date();
  const past = review.block === 'schedule_past';
  return (
    <Flex direction="column" gap="xs">
      <Flex direction="row" gap="sm" wrap>
        <DateInput
          name="send_date"
          label={t('compose.schedule_date')}
          required
          readOnly={readOnly}
          timezone="portalTz"
          min={splitWallClock(wallClock(now, data.time_zone)).date}
          value={schedule.date ?? undefined}
          error={past}
          validationMessage={past ? t('compose.schedule_past') : undefined}
          onChange={({ year, month, date }) =>
            edit({ schedule: { ...schedule, date: { year, month, date } } })
          }
        />
        <TimeInput
          name="send_time"
          label={t('compose.schedule_time')}
          required
          readOnly={readOnly}
          timezone="portalTz"
          interval={15}
          value={schedule.time ?? undefined}
          onChange={({ hours, minutes }) => edit({ schedule: { ...schedule, time: { hours, minutes } } })}
        />
      </Flex>
      <Text variant="microcopy">
        {t('compose.schedule_zone', { zone: data.time_zone, offset: utcOffset(now, data.time_zone) })}
      </Text>
    </Flex>
  );
}

/** A good default, rarely corrected: the next full hour that is at least half an hour ahead. */
function nextHour(timeZone: string): Schedule {
  const soon = wallClock(new Date(Date.now() + 1.5 * HOUR_MS), timeZone);
  return splitWallClock(`${soon.slice(0, 13)}:00`);
}

// DateInput and TimeInput. Months count from 0, as in HubSpot.

import type { BaseDate, BaseTime, DateInputProps, TimeInputProps } from '@hubspot/ui-extensions';
import type { ReactElement } from 'react';
import { useScope } from '../../extension/scope';
import { FieldFrame } from './field-frame';
import { useEchoedValue, useFormField } from './form-state';

const two = (value: number): string => String(value).padStart(2, '0');

/** {year, month (0-11), date} -> `2026-11-23`; '' for nothing. */
export function dateText(value: BaseDate | null | undefined): string {
  return value ? `${String(value.year).padStart(4, '0')}-${two(value.month + 1)}-${two(value.date)}` : '';
}

export function parseDate(text: string): BaseDate | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  return match ? { year: Number(match[1]), month: Number(match[2]) - 1, date: Number(match[3]) } : null;
}

export function timeText(value: BaseTime | null | undefined): string {
  return value ? `${two(value.hours)}:${two(value.minutes)}` : '';
}

export function parseTime(text: string): BaseTime | null {
  const match = /^(\d{2}):(\d{2})/.exec(text);
  return match ? { hours: Number(match[1]), minutes: Number(match[2]) } : null;
}

export function DateInput(props: DateInputProps): ReactElement {
  const { language } = useScope().texts;
  const { value, edit } = useEchoedValue<BaseDate | null>(props.value, props.defaultValue ?? null);
  useFormField(
    props.name,
    () => value,
    () => undefined,
  );
  const payload = (date: BaseDate): BaseDate & { formattedDate: string } => ({
    ...date,
    formattedDate: new Intl.DateTimeFormat(language, {
      dateStyle: 'medium',
      timeZone: 'UTC',
    }).format(new Date(Date.UTC(date.year, date.month, date.date))),
  });
  const change = (text: string): void => {
    const date = parseDate(text);
    edit(date);
    if (date) props.onChange?.(payload(date));
  };
  const tooEarly = value && props.min && dateText(value) < dateText(props.min);
  const tooLate = value && props.max && dateText(value) > dateText(props.max);
  const message =
    (tooEarly && props.minValidationMessage) ||
    (tooLate && props.maxValidationMessage) ||
    props.validationMessage;
  return (
    <FieldFrame
      name="DateInput"
      texts={{
        ...props,
        error: props.error || Boolean(tooEarly || tooLate),
        validationMessage: message,
      }}
    >
      {(ids) => (
        <input
          {...ids}
          className="hs-input"
          type="date"
          name={props.name}
          value={dateText(value)}
          min={dateText(props.min) || undefined}
          max={dateText(props.max) || undefined}
          readOnly={props.readOnly}
          onChange={(event) => change(event.target.value)}
          onBlur={() => value && props.onBlur?.(payload(value))}
          onFocus={() => value && props.onFocus?.(payload(value))}
        />
      )}
    </FieldFrame>
  );
}

export function TimeInput(props: TimeInputProps): ReactElement {
  const { value, edit } = useEchoedValue<BaseTime | null>(
    props.value ?? undefined,
    props.defaultValue ?? null,
  );
  useFormField(
    props.name,
    () => value,
    () => undefined,
  );
  const change = (text: string): void => {
    const time = parseTime(text);
    edit(time);
    if (time) props.onChange?.(time);
  };
  return (
    <FieldFrame name="TimeInput" texts={props}>
      {(ids) => (
        <input
          {...ids}
          className="hs-input"
          type="time"
          name={props.name}
          step={(props.interval ?? 30) * 60}
          value={timeText(value)}
          min={timeText(props.min) || undefined}
          max={timeText(props.max) || undefined}
          readOnly={props.readOnly}
          onChange={(event) => change(event.target.value)}
          onBlur={() => props.onBlur?.(value as never)}
          onFocus={() => props.onFocus?.(value as never)}
        />
      )}
    </FieldFrame>
  );
}

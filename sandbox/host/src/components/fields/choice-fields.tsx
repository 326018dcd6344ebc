// Checkboxes, radio buttons, toggles, and groups of them.

import type { CheckboxProps, RadioButtonProps, ToggleGroupProps, ToggleProps } from '@hubspot/ui-extensions';
import { useId, type ReactElement, type ReactNode } from 'react';
import { FieldMessage } from './field-frame';
import { useEchoedValue, useFormField } from './form-state';
import { classes, root } from '../root';
import { FieldTooltip } from '../overlays/tooltips';

interface MarkProps {
  type: 'checkbox' | 'radio';
  name: string | undefined;
  value: string | undefined;
  checked: boolean;
  readOnly: boolean | undefined;
  description: string | undefined;
  label: ReactNode;
  ariaLabel?: string;
  onChange(checked: boolean): void;
}

function Mark(props: MarkProps): ReactElement {
  const id = useId();
  return (
    <div className="hs-choice">
      <label>
        <input
          type={props.type}
          name={props.name}
          value={props.value}
          checked={props.checked}
          disabled={props.readOnly}
          aria-label={props.ariaLabel}
          aria-describedby={props.description ? id : undefined}
          onChange={(event) => props.onChange(event.target.checked)}
        />
        <span>{props.label}</span>
      </label>
      {props.description && (
        <div id={id} className="hs-choice-description">
          {props.description}
        </div>
      )}
    </div>
  );
}

export function Checkbox(props: CheckboxProps): ReactElement {
  const { value, edit } = useEchoedValue(props.checked, props.initialIsChecked ?? false);
  useFormField(
    props.name,
    () => value,
    () => undefined,
  );
  const change = (checked: boolean): void => {
    edit(checked);
    props.onChange?.(checked, props.value ?? '');
  };
  return (
    <div {...root('Checkbox', props)} className={props.inline ? 'hs-inline' : undefined}>
      <Mark
        type="checkbox"
        name={props.name}
        value={props.value}
        checked={value}
        readOnly={props.readOnly ?? props.readonly}
        description={props.description}
        label={props.children}
        ariaLabel={props['aria-label']}
        onChange={change}
      />
    </div>
  );
}

export function RadioButton(props: RadioButtonProps): ReactElement {
  const { value, edit } = useEchoedValue(props.checked, props.initialIsChecked ?? false);
  const change = (checked: boolean): void => {
    edit(checked);
    props.onChange?.(checked, props.value ?? '');
  };
  return (
    <div {...root('RadioButton', props)} className={props.inline ? 'hs-inline' : undefined}>
      <Mark
        type="radio"
        name={props.name}
        value={props.value}
        checked={value}
        readOnly={props.readOnly ?? props.readonly}
        description={props.description}
        label={props.children}
        onChange={change}
      />
    </div>
  );
}

export function Toggle(props: ToggleProps): ReactElement {
  const { value, edit } = useEchoedValue(props.checked, props.initialIsChecked ?? false);
  useFormField(
    props.name,
    () => value,
    () => undefined,
  );
  const id = useId();
  const display = props.labelDisplay ?? 'inline';
  const flip = (): void => {
    edit(!value);
    props.onChange?.(!value);
  };
  return (
    <div {...root('Toggle', props)} className={classes('hs-toggle', `hs-toggle-${display}`)}>
      <button
        type="button"
        id={id}
        role="switch"
        aria-checked={value}
        aria-label={display === 'hidden' ? props.label : undefined}
        disabled={props.readOnly ?? props.readonly}
        className="hs-switch"
        onClick={flip}
      >
        <span className="hs-switch-text" aria-hidden>
          {value ? props.textChecked : props.textUnchecked}
        </span>
        <span className="hs-switch-knob" aria-hidden />
      </button>
      {display !== 'hidden' && <label htmlFor={id}>{props.label}</label>}
    </div>
  );
}

/** One radio list or checkbox list; the value is a string or an array of strings. */
export function ToggleGroup(props: ToggleGroupProps): ReactElement {
  const radio = props.toggleType === 'radioButtonList';
  const preset = props.options.filter((option) => option.initialIsChecked).map((option) => option.value);
  const given = props.value === undefined ? undefined : ([] as string[]).concat(props.value);
  const { value, edit } = useEchoedValue<string[]>(given, preset);
  useFormField(
    props.name,
    () => (radio ? value[0] : value),
    () => undefined,
  );
  const id = useId();
  const change = (option: string, checked: boolean): void => {
    const next = radio ? [option] : checked ? [...value, option] : value.filter((each) => each !== option);
    edit(next);
    (props.onChange as ((value: string | string[]) => void) | undefined)?.(radio ? option : next);
  };
  const groupName = `${props.name}-${id}`;
  return (
    <fieldset
      {...root('ToggleGroup', props)}
      className={classes('hs-field hs-group', props.error && 'hs-field-error')}
      role={radio ? 'radiogroup' : undefined}
      aria-invalid={props.error || undefined}
      aria-describedby={props.validationMessage ? `${id}-message` : undefined}
    >
      <legend className="hs-field-label">
        {props.label}
        {props.required && (
          <span className="hs-required" aria-hidden>
            *
          </span>
        )}
        {props.tooltip && <FieldTooltip text={props.tooltip} />}
      </legend>
      <div className={props.inline ? 'hs-group-inline' : 'hs-group-list'}>
        {props.options.map((option) => (
          <Mark
            key={option.value}
            type={radio ? 'radio' : 'checkbox'}
            name={groupName}
            value={option.value}
            checked={value.includes(option.value)}
            readOnly={option.readOnly ?? option.readonly}
            description={option.description}
            label={option.label}
            onChange={(checked) => change(option.value, checked)}
          />
        ))}
      </div>
      <FieldMessage id={`${id}-message`} error={props.error} text={props.validationMessage} />
    </fieldset>
  );
}

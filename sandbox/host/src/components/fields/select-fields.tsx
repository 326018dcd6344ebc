// Select and MultiSelect.

import type { MultiSelectProps, SelectProps } from '@hubspot/ui-extensions';
import { X } from 'lucide-react';
import type { ReactElement } from 'react';
import { useScope } from '../../extension/scope';
import { useEchoedValue, useFormField } from './form-state';
import type { OptionValue } from './option-list';
import { Picker } from './picker';

function Placeholder({ text }: { text: string | undefined }): ReactElement {
  const { t } = useScope().texts;
  return <span className="hs-placeholder">{text ?? t('component.select')}</span>;
}

export function Select(props: SelectProps): ReactElement {
  const { value, edit } = useEchoedValue<OptionValue | undefined>(props.value, undefined);
  const index = props.options.findIndex((option) => option.value === value);
  useFormField(
    props.name,
    () => value,
    () => undefined,
  );
  const pick = (picked: number): void => {
    const option = props.options[picked];
    if (!option) return;
    edit(option.value);
    props.onChange?.(option.value);
  };
  return (
    <Picker
      name="Select"
      texts={props}
      options={props.options}
      chosen={index >= 0 ? [index] : []}
      multiple={false}
      readOnly={props.readOnly}
      transparent={props.variant === 'transparent'}
      face={props.options[index]?.label ?? <Placeholder text={props.placeholder} />}
      onPick={pick}
      onSearch={props.onInput}
    />
  );
}

export function MultiSelect(props: MultiSelectProps): ReactElement {
  const { plural } = useScope().texts;
  const { value, edit } = useEchoedValue<OptionValue[]>(props.value, []);
  const chosen = value
    .map((each) => props.options.findIndex((option) => option.value === each))
    .filter((index) => index >= 0);
  useFormField(
    props.name,
    () => value,
    () => undefined,
  );
  const pick = (picked: number): void => {
    const option = props.options[picked];
    if (!option) return;
    const next = chosen.includes(picked)
      ? value.filter((each) => each !== option.value)
      : [...value, option.value];
    edit(next);
    props.onChange?.(next);
  };
  const none = chosen.length === 0;
  return (
    <>
      <Picker
        name="MultiSelect"
        texts={props}
        options={props.options}
        chosen={chosen}
        multiple
        readOnly={props.readOnly}
        transparent={props.variant === 'transparent'}
        face={none ? <Placeholder text={props.placeholder} /> : plural('component.selected', chosen.length)}
        onPick={pick}
      />
      {!none && <Chosen {...props} chosen={chosen} onRemove={pick} />}
    </>
  );
}

interface ChosenProps extends MultiSelectProps {
  chosen: number[];
  onRemove(index: number): void;
}

function Chosen({ options, readOnly, chosen, onRemove }: ChosenProps): ReactElement {
  const { t } = useScope().texts;
  return (
    <div className="hs-chosen">
      {chosen.map((index) => (
        <span key={index} className="hs-tag hs-tag-default">
          {options[index]?.label}
          {!readOnly && (
            <button
              type="button"
              className="hs-tag-remove"
              aria-label={`${t('common.remove')} ${options[index]?.label}`}
              onClick={() => onRemove(index)}
            >
              <X aria-hidden />
            </button>
          )}
        </span>
      ))}
    </div>
  );
}

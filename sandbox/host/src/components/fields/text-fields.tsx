// Fields for typed text or numbers. `onInput` at every edit; `onChange` when the edit is committed (the field
// loses focus, or its form is submitted), as HubSpot does.

import type { InputProps, NumberInputProps, SearchInputProps, TextAreaProps } from '@hubspot/ui-extensions';
import { Eye, EyeOff, Search, X } from 'lucide-react';
import { useRef, useState, type ChangeEvent, type ReactElement } from 'react';
import { useScope } from '../../extension/scope';
import { FieldFrame } from './field-frame';
import { useEchoedValue, useFormField } from './form-state';
import { classes } from '../root';

interface TypedHandlers<T> {
  onInput?: (value: T) => void;
  onChange?: (value: T) => void;
  onBlur?: (value: T) => void;
  onFocus?: (value: T) => void;
}

interface TypedField<T> {
  value: T;
  edit(value: T): void;
  blur(): void;
  focus(): void;
}

/** The typing, echo and commit rules shared by all typed fields. */
function useTypedField<T>(
  name: string,
  prop: T | undefined,
  initial: T,
  handlers: TypedHandlers<T>,
): TypedField<T> {
  const { value, edit } = useEchoedValue(prop, initial);
  const newest = useRef(value);
  const uncommitted = useRef(false);
  if (newest.current !== value) {
    // The extension has replaced the typed text, so nothing is left to commit.
    newest.current = value;
    uncommitted.current = false;
  }
  const commit = (): void => {
    if (!uncommitted.current) return;
    uncommitted.current = false;
    handlers.onChange?.(newest.current);
  };
  useFormField(name, () => newest.current, commit);
  return {
    value,
    edit(next) {
      newest.current = next;
      uncommitted.current = true;
      edit(next);
      handlers.onInput?.(next);
    },
    blur() {
      commit();
      handlers.onBlur?.(newest.current);
    },
    focus() {
      handlers.onFocus?.(newest.current);
    },
  };
}

type TextChange = ChangeEvent<HTMLInputElement | HTMLTextAreaElement>;

function inputAttributes(
  field: TypedField<string>,
  props: { name: string; readOnly?: boolean; placeholder?: string },
) {
  return {
    name: props.name,
    value: field.value,
    readOnly: props.readOnly,
    placeholder: props.placeholder,
    onChange: (event: TextChange) => field.edit(event.target.value),
    onBlur: () => field.blur(),
    onFocus: () => field.focus(),
  };
}

export function Input(props: InputProps): ReactElement {
  const field = useTypedField(props.name, props.value, props.defaultValue ?? '', props);
  const [shown, setShown] = useState(false);
  const { t } = useScope().texts;
  const secret = props.type === 'password';
  const Toggle = shown ? EyeOff : Eye;
  return (
    <FieldFrame name="Input" texts={props}>
      {(ids) => (
        <span className="hs-input-wrap">
          <input
            {...ids}
            {...inputAttributes(field, props)}
            className="hs-input"
            type={secret && !shown ? 'password' : 'text'}
          />
          {secret && (
            <button
              type="button"
              className="hs-input-button"
              aria-label={t(shown ? 'component.hidePassword' : 'component.showPassword')}
              onClick={() => setShown(!shown)}
            >
              <Toggle aria-hidden />
            </button>
          )}
        </span>
      )}
    </FieldFrame>
  );
}

export function TextArea(props: TextAreaProps): ReactElement {
  const field = useTypedField(props.name, props.value, props.defaultValue ?? '', props);
  return (
    <FieldFrame name="TextArea" texts={props}>
      {(ids) => (
        <textarea
          {...ids}
          {...inputAttributes(field, props)}
          className="hs-input hs-textarea"
          rows={props.rows ?? 3}
          cols={props.cols}
          maxLength={props.maxLength}
          style={{ resize: props.resize ?? 'vertical' }}
        />
      )}
    </FieldFrame>
  );
}

export function SearchInput(props: SearchInputProps): ReactElement {
  const field = useTypedField(props.name, props.value, props.defaultValue ?? '', props);
  const { t } = useScope().texts;
  const clearable = props.clearable !== false && field.value !== '' && !props.readOnly;
  const clear = (): void => {
    field.edit('');
    field.blur();
  };
  return (
    <FieldFrame name="SearchInput" texts={props}>
      {(ids) => (
        <span className="hs-input-wrap">
          <input
            {...ids}
            {...inputAttributes(field, props)}
            className="hs-input hs-input-search"
            type="text"
            role="searchbox"
          />
          {clearable ? (
            <button type="button" className="hs-input-button" aria-label={t('common.clear')} onClick={clear}>
              <X aria-hidden />
            </button>
          ) : (
            <Search aria-hidden className="hs-input-icon" />
          )}
        </span>
      )}
    </FieldFrame>
  );
}

/** Stores the typed characters apart from the number, so that "1," or "-" can precede a number. */
export function NumberInput(props: NumberInputProps): ReactElement {
  const field = useTypedField<number | undefined>(
    props.name,
    props.value,
    props.defaultValue,
    props as TypedHandlers<number | undefined>,
  );
  const [draft, setDraft] = useState<string | null>(null);
  const shown = draft ?? (field.value === undefined ? '' : String(field.value));
  const change = (text: string): void => {
    setDraft(text);
    const number = parseNumber(text, props.precision);
    // An unfinished number ("-") is neither a value nor an emptied field.
    if (number !== null) field.edit(number);
  };
  const blur = (): void => {
    setDraft(null);
    const { min, max } = props;
    if (field.value !== undefined) {
      const limited = Math.min(Math.max(field.value, min ?? -Infinity), max ?? Infinity);
      if (limited !== field.value) field.edit(limited);
    }
    field.blur();
  };
  return (
    <FieldFrame name="NumberInput" texts={props}>
      {(ids) => (
        <span className="hs-input-wrap">
          <input
            {...ids}
            className={classes('hs-input', props.textAlign === 'right' && 'hs-align-right')}
            type="text"
            inputMode="decimal"
            name={props.name}
            value={shown}
            readOnly={props.readOnly}
            placeholder={props.placeholder}
            onChange={(event) => change(event.target.value)}
            onFocus={() => field.focus()}
            onBlur={blur}
          />
          {props.formatStyle === 'percentage' && <span className="hs-input-icon">%</span>}
        </span>
      )}
    </FieldFrame>
  );
}

/** undefined: emptied; null: not (yet) a number. */
function parseNumber(text: string, precision: number | undefined): number | undefined | null {
  const trimmed = text.trim().replace(',', '.');
  if (trimmed === '') return undefined;
  const number = Number(trimmed);
  if (!Number.isFinite(number)) return null;
  return precision === undefined ? number : Number(number.toFixed(precision));
}

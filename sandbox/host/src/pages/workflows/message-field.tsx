// A text with tokens: a chosen property is inserted at the cursor.

import { useRef, type ReactElement } from 'react';
import { useTexts } from '../shell/shell-state';
import { staticValue, type FieldProps } from './field-props';

export function MessageField({ field, ids, value, disabled, names, set }: FieldProps): ReactElement {
  const { t, language } = useTexts();
  const area = useRef<HTMLTextAreaElement>(null);
  const text = staticValue(value);
  const change = (next: string): void => set(next === '' ? undefined : { type: 'STATIC_VALUE', value: next });
  const insert = (name: string): void => {
    const { selectionStart, selectionEnd } = area.current ?? { selectionStart: null, selectionEnd: null };
    const from = selectionStart ?? text.length;
    change(`${text.slice(0, from)}{{${names.token_prefix}.${name}}}${text.slice(selectionEnd ?? from)}`);
    area.current?.focus();
  };
  return (
    <>
      <textarea
        {...ids}
        ref={area}
        className="hs-input hs-textarea"
        rows={4}
        value={text}
        disabled={disabled}
        required={field.required}
        onChange={({ target }) => change(target.value)}
      />
      <div className="hs-action-token">
        <label htmlFor={`${ids.id}-token`}>{t('workflow.insertToken')}</label>
        <select
          id={`${ids.id}-token`}
          className="hs-input"
          value=""
          disabled={disabled}
          onChange={({ target }) => insert(target.value)}
        >
          <option value="">{t('workflow.chooseProperty')}</option>
          {names.properties.map((property) => (
            <option key={property.name} value={property.name}>
              {property.labels[language]} ({property.name})
            </option>
          ))}
        </select>
      </div>
    </>
  );
}

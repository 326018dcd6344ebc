// The inputs of an action, drawn from its definition as HubSpot draws them.

import type { ReactElement } from 'react';
import type { Language } from '../../api';
import type {
  ActionDefinition,
  Draft,
  InputField,
  Inputs,
  InputValue,
  PropertyName,
  PropertyNames,
} from '../../api-workflows';
import { useTexts } from '../shell/shell-state';
import { staticValue, type FieldProps } from './field-props';
import { LiveOptions } from './live-options';
import { MessageField } from './message-field';
import { fieldWords, type FieldWords } from './names';

interface FormProps {
  action: ActionDefinition;
  draft: Draft;
  names: PropertyNames;
  change(inputs: Inputs): void;
}

export function ActionForm({ action, draft, names, change }: FormProps): ReactElement {
  const { language } = useTexts();
  return (
    <div className="hs-action-form">
      {action.input_fields.map((field) => {
        const words = fieldWords(action, field, language);
        const id = `input-${field.name}`;
        const set = (value: InputValue | undefined): void => {
          const kept = Object.entries(draft.inputs).filter(([name]) => name !== field.name);
          change(Object.fromEntries(value === undefined ? kept : [...kept, [field.name, value]]));
        };
        return (
          <Framed key={field.name} id={id} field={field} words={words}>
            <Field
              field={field}
              words={words}
              ids={{ id, 'aria-describedby': words.description ? `${id}-description` : undefined }}
              value={draft.inputs[field.name]}
              disabled={!isOpen(action, field, draft.inputs)}
              draft={draft}
              names={names}
              set={set}
            />
          </Framed>
        );
      })}
    </div>
  );
}

/** A field that depends on another is greyed out until that one is filled in. */
function isOpen(action: ActionDefinition, field: InputField, inputs: Inputs): boolean {
  return action.dependencies
    .filter((dependency) => dependency.dependentFieldNames.includes(field.name))
    .every((dependency) => inputs[dependency.controllingFieldName] !== undefined);
}

function Framed({
  id,
  field,
  words,
  children,
}: {
  id: string;
  field: InputField;
  words: FieldWords;
  children: ReactElement;
}): ReactElement {
  const { t } = useTexts();
  const described = words.description && (
    <div id={`${id}-description`} className="hs-field-description">
      {words.description}
    </div>
  );
  if (field.type === 'bool')
    return (
      <div className="hs-field">
        {children}
        {described}
      </div>
    );
  return (
    <div className="hs-field">
      <div className="hs-field-label">
        <label htmlFor={id}>{words.label}</label>
        {field.required && (
          <span className="hs-required" title={t('common.required')} aria-hidden>
            *
          </span>
        )}
      </div>
      {described}
      {children}
    </div>
  );
}

function Field(props: FieldProps): ReactElement {
  const { field } = props;
  if (!field.value_types.includes('STATIC_VALUE')) return <PropertyChoice {...props} />;
  if (field.live_options) return <LiveOptions {...props} />;
  if (field.options) return <Choice {...props} />;
  if (field.type === 'bool') return <Check {...props} />;
  if (field.fieldType === 'textarea') return <MessageField {...props} />;
  return <Typed {...props} />;
}

const given = (value: string): InputValue | undefined =>
  value === '' ? undefined : { type: 'STATIC_VALUE', value };

/** The user picks which property of the enrolled record holds the value. */
function PropertyChoice({ field, ids, value, disabled, names, set }: FieldProps): ReactElement {
  const { t, language } = useTexts();
  const chosen = value?.type === 'OBJECT_PROPERTY' ? value.property : '';
  return (
    <select
      {...ids}
      className="hs-input"
      value={chosen}
      disabled={disabled}
      required={field.required}
      onChange={({ target }) =>
        set(target.value ? { type: 'OBJECT_PROPERTY', property: target.value } : undefined)
      }
    >
      <option value="">{t('workflow.chooseProperty')}</option>
      {[...names.properties].sort(phonesFirst(language)).map((property) => (
        <option key={property.name} value={property.name}>
          {property.labels[language]}
        </option>
      ))}
    </select>
  );
}

const isPhone = (property: PropertyName): boolean => property.field_type === 'phonenumber';
const phonesFirst =
  (language: Language) =>
  (a: PropertyName, b: PropertyName): number =>
    Number(isPhone(b)) - Number(isPhone(a)) || a.labels[language].localeCompare(b.labels[language]);

function Choice({ field, words, ids, value, disabled, set }: FieldProps): ReactElement {
  const { t } = useTexts();
  return (
    <select
      {...ids}
      className="hs-input"
      value={staticValue(value)}
      disabled={disabled}
      required={field.required}
      onChange={({ target }) => set(given(target.value))}
    >
      <option value="">{t('component.select')}</option>
      {field.options?.map((option) => (
        <option key={option.value} value={option.value}>
          {words.option(option.value)}
        </option>
      ))}
    </select>
  );
}

function Check({ words, ids, value, disabled, set }: FieldProps): ReactElement {
  return (
    <label className="hs-action-check">
      <input
        {...ids}
        type="checkbox"
        checked={staticValue(value) === 'true'}
        disabled={disabled}
        onChange={({ target }) => set(target.checked ? given('true') : undefined)}
      />{' '}
      {words.label}
    </label>
  );
}

function Typed({ field, ids, value, disabled, set }: FieldProps): ReactElement {
  return (
    <input
      {...ids}
      className="hs-input"
      type={field.type === 'number' ? 'number' : 'text'}
      value={staticValue(value)}
      disabled={disabled}
      required={field.required}
      onChange={({ target }) => set(given(target.value))}
    />
  );
}

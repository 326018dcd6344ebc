// The names of object types, actions and fields on the workflow pages, in the reader's language.

import type { Language } from '../../api';
import type { ActionDefinition, InputField } from '../../api-workflows';
import type { TextKey } from '../../texts';

const OBJECT_TYPES: Record<string, TextKey> = {
  '0-1': 'workflow.object.0-1',
  '0-2': 'workflow.object.0-2',
  '0-3': 'workflow.object.0-3',
};

export const OBJECT_TYPE_IDS = Object.keys(OBJECT_TYPES);

export const objectTypeKey = (typeId: string): TextKey => OBJECT_TYPES[typeId] ?? 'workflow.object.0-1';

export const actionName = (action: ActionDefinition, language: Language): string =>
  action.labels[language].actionName;

export interface FieldWords {
  label: string;
  description: string | undefined;
  /** The label of an option; the option's own label when the language has none. */
  option(value: string): string;
}

export function fieldWords(action: ActionDefinition, field: InputField, language: Language): FieldWords {
  const labels = action.labels[language];
  const options = labels.inputFieldOptionLabels?.[field.name];
  return {
    label: labels.inputFieldLabels[field.name] ?? field.name,
    description: labels.inputFieldDescriptions?.[field.name],
    option: (value) =>
      options?.[value] ?? field.options?.find((option) => option.value === value)?.label ?? value,
  };
}

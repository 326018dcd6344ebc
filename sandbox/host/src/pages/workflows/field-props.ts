// The props of every kind of action input.

import type { Draft, InputField, InputValue, PropertyNames } from '../../api-workflows';
import type { FieldWords } from './names';

export interface FieldProps {
  field: InputField;
  words: FieldWords;
  ids: { id: string; 'aria-describedby': string | undefined };
  value: InputValue | undefined;
  disabled: boolean;
  draft: Draft;
  names: PropertyNames;
  /** undefined: not given. */
  set(value: InputValue | undefined): void;
}

export const staticValue = (value: InputValue | undefined): string =>
  value?.type === 'STATIC_VALUE' ? value.value : '';

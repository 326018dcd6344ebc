// Form: never submits for real. It commits its fields and calls the extension with their values.

import type { FormProps } from '@hubspot/ui-extensions';
import { useMemo, useRef, type FormEvent, type ReactElement } from 'react';
import { extensionEvent, useScope } from '../../extension/scope';
import { FormContext, type FormField, type FormRegistry } from './form-state';
import { root } from '../root';

export function Form(props: FormProps): ReactElement {
  const { reactions } = useScope();
  const fields = useRef(new Set<FormField>());
  const registry = useMemo<FormRegistry>(
    () => ({
      register(field) {
        fields.current.add(field);
        return () => fields.current.delete(field);
      },
    }),
    [],
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    // React events bubble from a panel's portal into a form around its button.
    event.stopPropagation();
    fields.current.forEach((field) => field.commit());
    const targetValue = Object.fromEntries([...fields.current].map((field) => [field.name, field.read()]));
    void props.onSubmit?.({ ...extensionEvent(event), targetValue } as never, reactions);
  };
  return (
    <form
      {...root('Form', props)}
      className="hs-form"
      autoComplete={props.autoComplete}
      noValidate
      onSubmit={submit}
    >
      <FormContext.Provider value={registry}>{props.children}</FormContext.Provider>
    </form>
  );
}

// Lets fields hold typed text, commit it, and take part in a form.

import { createContext, useCallback, useContext, useEffect, useRef, useState } from 'react';

export interface FormField {
  name: string;
  /** Sends typed text that is not committed yet. */
  commit(): void;
  read(): unknown;
}

export interface FormRegistry {
  register(field: FormField): () => void;
}

export const FormContext = createContext<FormRegistry | null>(null);

/** Registers a field while it is drawn; a submit uses the newest closures. */
export function useFormField(name: string | undefined, read: () => unknown, commit: () => void): void {
  const form = useContext(FormContext);
  const latest = useRef({ read, commit });
  latest.current = { read, commit };
  useEffect(() => {
    if (!form || !name) return undefined;
    return form.register({
      name,
      read: () => latest.current.read(),
      commit: () => latest.current.commit(),
    });
  }, [form, name]);
}

export interface EchoedValue<T> {
  value: T;
  /** An edit by the user is shown at once, and remembered until the extension sends it back. */
  edit(value: T): void;
}

/**
 * Local state of a field. The `value` prop returns one or more messages after an edit and must not overwrite newer
 * typing. Echoes of older edits are ignored; any other value from the extension wins.
 */
export function useEchoedValue<T>(prop: T | undefined, initial: T): EchoedValue<T> {
  const [value, setValue] = useState<T>(prop ?? initial);
  const sent = useRef<T[]>([]);
  const lastProp = useRef(prop);
  if (!sameValue(prop, lastProp.current)) {
    lastProp.current = prop;
    const next = prop ?? initial;
    const echo = sent.current.findIndex((each) => sameValue(each, next));
    if (echo >= 0) sent.current = sent.current.slice(echo + 1);
    else {
      sent.current = [];
      if (!sameValue(next, value)) setValue(next);
    }
  }
  const edit = useCallback((next: T): void => {
    sent.current.push(next);
    setValue(next);
  }, []);
  return { value, edit };
}

function sameValue(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

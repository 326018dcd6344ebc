/** A folded part of the composer, named by its current value. Its content is made when it opens. */
import { Accordion } from '@hubspot/ui-extensions';
import type { ReactNode } from 'react';

interface FoldProps {
  title: string;
  open: boolean;
  onToggle: () => void;
  disabled: boolean;
  children: ReactNode;
}

export function Fold({ title, open, onToggle, disabled, children }: FoldProps) {
  return (
    <Accordion title={title} size="xs" open={open} onClick={onToggle} disabled={disabled}>
      {open ? children : null}
    </Accordion>
  );
}

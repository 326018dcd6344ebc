// Passes a press to the extension.

import type { ButtonProps } from '@hubspot/ui-extensions';
import type { MouseEvent } from 'react';
import { extensionEvent, useScope } from '../../extension/scope';

type ClickHandler = ButtonProps['onClick'];

/** Runs the extension's handler with HubSpot's event and reactions. */
export function useClick(
  onClick: ClickHandler,
  after?: (event: MouseEvent) => void,
): (event: MouseEvent) => void {
  const { reactions } = useScope();
  return (event) => {
    void onClick?.(extensionEvent(event) as never, reactions);
    after?.(event);
  };
}

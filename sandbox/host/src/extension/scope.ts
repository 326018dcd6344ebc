// The context of a component: its extension and that extension's functions.

import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Texts } from '../texts';
import type { ProblemReport } from '../protocol';
import type { OverlayManager } from './overlays';

/** Third argument set of click and submit handlers (HubSpot docs, reactions). */
export interface Reactions {
  openPanel(id: string): void;
  closePanel(id: string): void;
  openModal(id: string): void;
  closeModal(id: string): void;
}

export interface ExtensionScope {
  uid: string;
  /** Level of the extension's headings: one below the surrounding heading. */
  headingLevel: 2 | 3;
  overlays: OverlayManager;
  reactions: Reactions;
  report(problem: ProblemReport): void;
  texts: Texts;
}

export const ScopeContext = createContext<ExtensionScope | null>(null);

export function useScope(): ExtensionScope {
  const scope = useContext(ScopeContext);
  if (!scope) throw new Error('A HubSpot component was drawn outside an extension');
  return scope;
}

export function reactionsOf(overlays: OverlayManager): Reactions {
  const { open, close } = overlays;
  return { openPanel: open, closePanel: close, openModal: open, closeModal: close };
}

/** Whether the overlay is open, and whether it is the topmost one. */
export function useOverlay(id: string): { isOpen: boolean; isTop: boolean } {
  const { overlays } = useScope();
  const ids = useSyncExternalStore(overlays.subscribe, overlays.openIds);
  return { isOpen: ids.includes(id), isTop: ids.at(-1) === id };
}

/** The plain part of a DOM event, which HubSpot passes to extensions. */
export interface ExtensionEvent {
  type: string;
  bubbles: boolean;
  timeStamp: number;
  id: string;
}

let events = 0;

export function extensionEvent(event: { type: string; bubbles: boolean; timeStamp: number }): ExtensionEvent {
  events += 1;
  return {
    type: event.type,
    bubbles: event.bubbles,
    timeStamp: event.timeStamp,
    id: `event-${events}`,
  };
}

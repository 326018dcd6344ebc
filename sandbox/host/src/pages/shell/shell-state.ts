// The surrounding page's functions for every page and extension.

import { createContext, useContext } from 'react';
import type { Extension, Session } from '../../api';
import type { Texts } from '../../texts';

/** As given to `addAlert` (HubSpot docs, extension actions). */
export interface AlertMessage {
  type?: 'info' | 'warning' | 'success' | 'danger' | 'tip';
  message: string;
  title?: string;
}

/** As given to `openIframeModal`; sizes in pixels. */
export interface IframeRequest {
  uri: string;
  width: number;
  height: number;
  title?: string;
  flush?: boolean;
  onClose?: () => void;
}

export interface Shell {
  session: Session;
  extensions: Extension[];
  texts: Texts;
  addAlert(alert: AlertMessage): void;
  openIframe(request: IframeRequest): void;
  /** Goes to a route of the app's own page. */
  navigateToPage(to: string, params: Record<string, string>): void;
  /** Called by each page when its first data is drawn: sets `<html data-page="ready">`. */
  markReady(): void;
}

export const ShellContext = createContext<Shell | null>(null);

export function useShell(): Shell {
  const shell = useContext(ShellContext);
  if (!shell) throw new Error('Drawn outside the page’s shell');
  return shell;
}

export const useTexts = (): Texts => useShell().texts;

// The actions of an extension (HubSpot docs, extension actions), built on the page's functions.

import { retain } from '@remote-ui/rpc';
import type { ExtensionActions, ProblemReport } from '../protocol';
import type { AlertMessage, IframeRequest } from '../pages/shell/shell-state';
import type { OverlayManager } from './overlays';
import type { RecordFeed } from './record-feed';

export interface ActionParts {
  overlays: OverlayManager;
  feed: RecordFeed | null;
  addAlert(alert: AlertMessage): void;
  openIframe(request: IframeRequest): void;
  navigate(to: string, params: Record<string, string>): void;
  report(problem: ProblemReport): void;
}

/** CRM actions exist only where there is a record, as in HubSpot. */
export function makeActions(parts: ActionParts): ExtensionActions {
  return { ...platformActions(parts), ...(parts.feed ? crmActions(parts.feed, parts) : {}) };
}

function platformActions(parts: ActionParts): ExtensionActions {
  return {
    addAlert: (alert: AlertMessage) => parts.addAlert(alert),
    closeOverlay: (id: string) => parts.overlays.close(id),
    copyTextToClipboard: (text: string) => navigator.clipboard.writeText(text),
    reloadPage: () => window.location.reload(),
    navigateToPage: ({ to, params = {} }: { to: string; params?: Record<string, string> }) =>
      parts.navigate(to, params),
    openIframeModal: (payload: Omit<IframeRequest, 'onClose'>, onClose?: () => void) => {
      if (onClose) retain(onClose);
      parts.openIframe({ ...payload, onClose });
    },
  };
}

function crmActions(feed: RecordFeed, parts: ActionParts): ExtensionActions {
  const asStrings = (properties: Record<string, string | null>): Record<string, string> =>
    Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, value ?? '']));
  return {
    fetchCrmObjectProperties: async (names: string[] | '*') =>
      asStrings(names === '*' ? feed.get().properties : await feed.readProperties(names)),
    refreshObjectProperties: () => feed.refresh(),
    onCrmPropertiesUpdate: (
      names: string[] | '*',
      callback: (properties: Record<string, string>) => unknown,
    ) => {
      retain(callback);
      feed.watch(names, (properties) => {
        Promise.resolve(callback(asStrings(properties))).catch((error: Error) =>
          parts.report({
            kind: 'handler-rejected',
            message: `onCrmPropertiesUpdate: ${error.message}`,
          }),
        );
      });
    },
  };
}

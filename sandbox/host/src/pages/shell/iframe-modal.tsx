// The modal behind `openIframeModal`.

import type { ReactElement } from 'react';
import { Dialog } from '../../components/overlays/dialog';
import { useShell, type IframeRequest } from './shell-state';

/** The app's https origins are served on this machine; the simulator maps them. */
function localAddress(uri: string, origins: Record<string, string> | undefined): string | null {
  if (!URL.canParse(uri)) return null;
  const url = new URL(uri);
  const local = origins?.[url.origin];
  if (local) return `${local}${url.pathname}${url.search}${url.hash}`;
  return url.protocol === 'https:' || url.origin === window.location.origin ? uri : null;
}

export function IframeModal({ request, close }: { request: IframeRequest; close(): void }): ReactElement {
  const { session, texts } = useShell();
  const address = localAddress(request.uri, session.origins);
  return (
    <Dialog
      isOpen
      isTop
      close={close}
      className="hs-modal hs-modal-frame"
      backdrop="dark"
      title={request.title ?? ''}
      label={request.title}
      onClose={request.onClose}
    >
      <div className={request.flush ? 'hs-frame hs-flush' : 'hs-frame'}>
        {address ? (
          <iframe
            src={address}
            title={request.title ?? 'iframe'}
            style={{ width: request.width, height: request.height }}
          />
        ) : (
          <p role="alert">{texts.t('extension.frameRefused', { url: request.uri })}</p>
        )}
      </div>
    </Dialog>
  );
}

// The app's own page (component `page`): /app/{portal}/{app}/{path}?params, as HubSpot's docs on app pages give it.

import { useEffect, useMemo, type ReactElement } from 'react';
import { ExtensionFrame } from '../extension/ExtensionFrame';
import { makeContext } from './context';
import { useShell } from './shell/shell-state';

export function AppPage({ path }: { path: string }): ReactElement {
  const { session, extensions, texts, markReady } = useShell();
  const extension = extensions.find((found) => found.type === 'page');
  const context = useMemo(() => extension && makeContext(session, extension, null), [session, extension]);
  const location = useMemo(
    () => ({ path, params: Object.fromEntries(new URLSearchParams(window.location.search)) }),
    [path],
  );
  useEffect(markReady, [markReady]);
  return (
    <div className="hs-page">
      {extension && context ? (
        <ExtensionFrame extension={extension} context={context} feed={null} location={location} />
      ) : (
        <h1>{texts.t('common.notFound')}</h1>
      )}
    </div>
  );
}

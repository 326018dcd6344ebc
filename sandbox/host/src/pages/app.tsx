// The frame of all pages: reads session and extensions, then shows the page of the address.

import { useCallback, useEffect, useMemo, useState, type ReactElement, type ReactNode } from 'react';
import { readExtensions, readSession, type Extension, type Session } from '../api';
import { makeTexts } from '../texts';
import { Alerts, useAlerts } from './shell/alerts';
import { AppPage } from './app-page';
import { ConnectedAppPage } from './connected-app';
import { IframeModal } from './shell/iframe-modal';
import { RecordListPage } from './records/record-list';
import { RecordPage } from './records/record';
import { parseRoute, type Route } from './routes';
import { ShellContext, useTexts, type IframeRequest, type Shell } from './shell/shell-state';
import { StartPage } from './start';
import { TopBar } from './shell/top-bar';
import { useData } from './shell/use-data';
import { WorkflowsPage } from './workflows/list';
import { WorkflowPage } from './workflows/workflow';

type PageState = 'loading' | 'ready' | 'failed';

function setPageState(state: PageState): void {
  document.documentElement.dataset.page = state;
}

export function App(): ReactElement {
  const start = useData(() => Promise.all([readSession(), readExtensions()]), '');
  useEffect(() => setPageState('loading'), []);
  if (start.status === 'loading') return <div className="hs-topbar" />;
  if (start.status === 'failed') return <StartFailed message={start.error.message} />;
  const [session, extensions] = start.data;
  return <Frame session={session} extensions={extensions} route={parseRoute(window.location.pathname)} />;
}

/** Without a session there is no language: both. */
function StartFailed({ message }: { message: string }): ReactElement {
  useEffect(() => setPageState('failed'), []);
  return (
    <main className="hs-page" role="alert">
      {(['fr', 'en'] as const).map((language) => (
        <p key={language} lang={language}>
          {makeTexts(language, 'UTC').t('common.failed', { message })}
        </p>
      ))}
    </main>
  );
}

function Frame({
  session,
  extensions,
  route,
}: {
  session: Session;
  extensions: Extension[];
  route: Route;
}): ReactElement {
  const { alerts, add, remove } = useAlerts();
  const [iframe, setIframe] = useState<IframeRequest | null>(null);
  const { language } = session.user;
  const texts = useMemo(
    () => makeTexts(language, session.portal.timezone),
    [language, session.portal.timezone],
  );
  const navigateToPage = useCallback(
    (to: string, params: Record<string, string>) => {
      const query = new URLSearchParams(params).toString();
      window.location.assign(`/app/${session.portal.id}/${session.app.id}${to}${query && `?${query}`}`);
    },
    [session],
  );
  const shell = useMemo<Shell>(
    () => ({
      session,
      extensions,
      texts,
      addAlert: add,
      openIframe: setIframe,
      navigateToPage,
      markReady,
    }),
    [session, extensions, texts, add, navigateToPage],
  );
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return (
    <ShellContext.Provider value={shell}>
      <TopBar route={route} />
      <main id="content" tabIndex={-1}>
        {pageOf(route)}
      </main>
      <Alerts alerts={alerts} remove={remove} />
      {iframe && <IframeModal request={iframe} close={() => setIframe(null)} />}
    </ShellContext.Provider>
  );
}

const markReady = (): void => setPageState('ready');

function pageOf(route: Route): ReactNode {
  switch (route.page) {
    case 'start':
      return <StartPage />;
    case 'list':
      return <RecordListPage kind={route.kind} />;
    case 'record':
      return <RecordPage kind={route.kind} id={route.id} />;
    case 'app':
      return <ConnectedAppPage />;
    case 'extension':
      return <AppPage path={route.path} />;
    case 'workflows':
      return <WorkflowsPage />;
    case 'workflow':
      return <WorkflowPage id={route.id} />;
    case 'unknown':
      return <UnknownPage />;
  }
}

function UnknownPage(): ReactElement {
  const { t } = useTexts();
  useEffect(markReady, []);
  return (
    <div className="hs-page">
      <h1>{t('common.notFound')}</h1>
    </div>
  );
}

// The page of the connected app: its description and its settings.

import { useEffect, useMemo, useState, type ReactElement } from 'react';
import { ExtensionFrame } from '../extension/ExtensionFrame';
import { AppLogo } from './shell/app-logo';
import { makeContext } from './context';
import { useShell } from './shell/shell-state';

const TABS = ['settings', 'about'] as const;

export function ConnectedAppPage(): ReactElement {
  const { session, texts, markReady } = useShell();
  const [tab, setTab] = useState<(typeof TABS)[number]>('settings');
  useEffect(markReady, [markReady]);
  const { app } = session;
  return (
    <div className="hs-page">
      <nav className="hs-breadcrumb" aria-label={texts.t('app.breadcrumb')}>
        <a href="/">{texts.t('app.breadcrumb')}</a> <span aria-hidden>/</span> <span>{app.name}</span>
      </nav>
      <div className="hs-app-head">
        <AppLogo size="large" />
        <h1>{app.name}</h1>
        <span className={`hs-status hs-status-${app.installed ? 'success' : 'default'}`}>
          <span className="hs-status-dot" aria-hidden />
          {texts.t(app.installed ? 'app.connected' : 'app.notConnected')}
        </span>
      </div>
      <div className="hs-tabs" role="tablist">
        <div className="hs-tablist">
          {TABS.map((each) => (
            <button
              key={each}
              type="button"
              role="tab"
              id={`app-tab-${each}`}
              aria-selected={tab === each}
              aria-controls={`app-panel-${each}`}
              className="hs-tab"
              onClick={() => setTab(each)}
            >
              {texts.t(`app.tab.${each}`)}
            </button>
          ))}
        </div>
      </div>
      <div
        className="hs-sheet hs-sheet-padded"
        role="tabpanel"
        id="app-panel-settings"
        aria-labelledby="app-tab-settings"
        hidden={tab !== 'settings'}
      >
        <AppSettings />
      </div>
      <div
        className="hs-sheet hs-sheet-padded"
        role="tabpanel"
        id="app-panel-about"
        aria-labelledby="app-tab-about"
        hidden={tab !== 'about'}
      >
        <About />
      </div>
    </div>
  );
}

/** Stays mounted while the other tab is shown, so that typed text survives. */
function AppSettings(): ReactElement {
  const { session, extensions, texts } = useShell();
  const settings = extensions.find((extension) => extension.type === 'settings');
  const context = useMemo(() => settings && makeContext(session, settings, null), [session, settings]);
  if (!session.app.installed) {
    return (
      <div className="hs-none">
        <p>{texts.t('app.notInstalled', { app: session.app.name })}</p>
        <a className="hs-button hs-button-accent hs-button-md" href={session.app.install_url}>
          {texts.t('start.install.action')}
        </a>
      </div>
    );
  }
  if (!settings || !context) return <p className="hs-none">{texts.t('app.noSettings')}</p>;
  return <ExtensionFrame extension={settings} context={context} feed={null} />;
}

function About(): ReactElement {
  const { session, extensions, texts } = useShell();
  const { app, portal, user } = session;
  const facts: [string, string][] = [
    [texts.t('app.about.account'), `${portal.name} (${portal.id})`],
    [texts.t('app.about.appId'), String(app.id)],
    [texts.t('app.about.user'), `${user.first_name} ${user.last_name} · ${user.email}`],
    [
      texts.t('app.about.extensions'),
      extensions.map((extension) => extension.name).join(', ') || texts.t('common.none'),
    ],
  ];
  return (
    <dl className="hs-descriptions hs-descriptions-column">
      {facts.map(([label, value]) => (
        <div key={label} className="hs-description">
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

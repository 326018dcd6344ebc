// The dark bar at the top of every page.

import { Smartphone } from 'lucide-react';
import { useState, type ReactElement } from 'react';
import { setLanguage, type Language } from '../../api';
import { OBJECT_KINDS } from '../object-kinds';
import { appPath, listPath, workflowsPath, type Route } from '../routes';
import { AccountSwitch } from './account-switch';
import { useShell } from './shell-state';

const LANGUAGES: { code: Language; name: string }[] = [
  { code: 'fr', name: 'Français' },
  { code: 'en', name: 'English' },
];

export function TopBar({ route }: { route: Route }): ReactElement {
  const { session, texts } = useShell();
  const { portal, user, app, gateway } = session;
  const links = [
    { href: '/', label: texts.t('nav.start'), current: route.page === 'start' },
    ...OBJECT_KINDS.map((kind) => ({
      href: listPath(portal.id, kind.typeId),
      label: texts.t(`list.title.${kind.key}`),
      current: 'kind' in route && route.kind === kind,
    })),
    {
      href: workflowsPath(portal.id),
      label: texts.t('nav.workflows'),
      current: route.page === 'workflows' || route.page === 'workflow',
    },
    { href: appPath(portal.id, app.id), label: texts.t('nav.apps'), current: route.page === 'app' },
  ];
  return (
    <header className="hs-topbar">
      <a className="hs-skip" href="#content">
        {texts.t('nav.skip')}
      </a>
      <a className="hs-brand" href="/">
        <Mark />
        <span className="hs-brand-name">HubSpot</span>
        <span className="hs-brand-note">{texts.t('nav.sandbox')}</span>
      </a>
      <nav aria-label={texts.t('nav.main')}>
        {links.map((link) => (
          <a key={link.href} href={link.href} aria-current={link.current ? 'page' : undefined}>
            {link.label}
          </a>
        ))}
        <a href={gateway.handsets_url} target="_blank" rel="noopener noreferrer">
          <Smartphone aria-hidden /> {texts.t('nav.handsets')}
        </a>
      </nav>
      <LanguageSwitch />
      <div className="hs-account">
        <AccountSwitch />
        <span className="hs-account-avatar" title={`${user.first_name} ${user.last_name}`} aria-hidden>
          {user.first_name.charAt(0)}
          {user.last_name.charAt(0)}
        </span>
      </div>
    </header>
  );
}

/** Ours, not HubSpot's logo: a hub with three spokes. */
function Mark(): ReactElement {
  return (
    <svg viewBox="0 0 24 24" className="hs-mark" aria-hidden focusable={false}>
      <g stroke="#ff7a59" strokeWidth="2" fill="none" strokeLinecap="round">
        <circle cx="13" cy="14" r="4.5" />
        <path d="M13 9.5V5M9 16.5 5 19M9.7 10.8 5.5 7" />
      </g>
      <circle cx="13" cy="3.6" r="2" fill="#ff7a59" />
      <circle cx="4.2" cy="19.6" r="2" fill="#ff7a59" />
      <circle cx="4.4" cy="5.9" r="2" fill="#ff7a59" />
    </svg>
  );
}

/** The language belongs to the simulated user. The page reloads so that extensions get a fresh context. */
function LanguageSwitch(): ReactElement {
  const { texts, addAlert } = useShell();
  const [busy, setBusy] = useState(false);
  const choose = async (code: Language): Promise<void> => {
    setBusy(true);
    try {
      await setLanguage(code);
      window.location.reload();
    } catch (error) {
      setBusy(false);
      addAlert({
        type: 'danger',
        message: texts.t('common.failed', { message: (error as Error).message }),
      });
    }
  };
  return (
    <div className="hs-languages" role="group" aria-label={texts.t('nav.language')}>
      {LANGUAGES.map(({ code, name }) => (
        <button
          key={code}
          type="button"
          lang={code}
          title={name}
          aria-pressed={texts.language === code}
          disabled={busy}
          onClick={() => void choose(code)}
        >
          {code.toUpperCase()}
        </button>
      ))}
    </div>
  );
}

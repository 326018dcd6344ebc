// The first page: four steps from an empty account to an SMS on a handset.

import { Check, Copy } from 'lucide-react';
import { useEffect, useState, type ReactElement, type ReactNode } from 'react';
import { hubspotFetch, type Extension, type Session } from '../api';
import { progress } from './progress';
import { listPath } from './routes';
import { useShell } from './shell/shell-state';

/** Calls the backend like the app's settings page, with a signed call. */
async function isAccountLinked(extensions: Extension[]): Promise<boolean> {
  const settings = extensions.find((extension) => extension.type === 'settings');
  const backend = settings?.variables.BACKEND_URL;
  if (!settings || typeof backend !== 'string') return false;
  const url = `${backend}/view/settings/open`;
  const answer = await hubspotFetch(settings.uid, {
    url,
    method: 'POST',
    timeout: undefined,
    headers: {},
    body: {},
  });
  if (answer.status !== 200) return false;
  const { data } = JSON.parse(answer.body) as { data?: { account?: unknown } };
  return Boolean(data?.account);
}

interface Step {
  key: 'install' | 'link' | 'contact' | 'handsets';
  done: boolean;
  href: string;
  newTab: boolean;
  extra?: ReactNode;
}

function makeSteps(session: Session, linked: boolean): Step[] {
  const { app, gateway, portal } = session;
  const seen = progress(portal.id);
  return [
    { key: 'install', done: app.installed, href: app.install_url, newTab: false },
    {
      key: 'link',
      done: linked,
      href: app.settings_path,
      newTab: false,
      extra: <Token value={gateway.token} />,
    },
    { key: 'contact', done: seen.has('contact'), href: listPath(portal.id, '0-1'), newTab: false },
    { key: 'handsets', done: seen.has('handsets'), href: gateway.handsets_url, newTab: true },
  ];
}

export function StartPage(): ReactElement {
  const { session, extensions, texts, markReady } = useShell();
  const [linked, setLinked] = useState<boolean | null>(session.app.installed ? null : false);
  const [, setVisits] = useState(0);
  useEffect(() => {
    // A fresh sandbox has no app: progress from an earlier sandbox no longer counts.
    if (!session.app.installed) progress(session.portal.id).clear();
    isAccountLinked(extensions).then(setLinked, () => setLinked(false));
  }, [session, extensions]);
  useEffect(() => {
    if (linked !== null) markReady();
  }, [linked, markReady]);
  const steps = makeSteps(session, linked ?? false);
  const next = steps.find((step) => !step.done);
  const done = steps.filter((step) => step.done).length;
  const visit = (step: Step): void => {
    if (step.key === 'handsets') progress(session.portal.id).add('handsets');
    setVisits((before) => before + 1);
  };
  return (
    <div className="hs-page hs-page-narrow">
      <h1>{texts.t('start.title', { app: session.app.name })}</h1>
      <p className="hs-lead">{texts.t('start.intro')}</p>
      <div className="hs-start-progress">
        <div
          role="progressbar"
          aria-label={texts.t('nav.start')}
          aria-valuenow={done}
          aria-valuemin={0}
          aria-valuemax={steps.length}
          className="hs-progress-track"
        >
          <span style={{ width: `${(done / steps.length) * 100}%` }} />
        </div>
        <span>{texts.t('start.progress', { done, total: steps.length })}</span>
      </div>
      <ol className="hs-start-steps">
        {steps.map((step, index) => (
          <StepCard
            key={step.key}
            step={step}
            number={index + 1}
            isNext={step === next}
            onVisit={() => visit(step)}
          />
        ))}
      </ol>
    </div>
  );
}

function StepCard({
  step,
  number,
  isNext,
  onVisit,
}: {
  step: Step;
  number: number;
  isNext: boolean;
  onVisit(): void;
}): ReactElement {
  const { t } = useShell().texts;
  const state = step.done ? 'done' : isNext ? 'next' : 'todo';
  return (
    <li className={`hs-start-step hs-start-${state}`} data-step={step.key} data-done={step.done}>
      <span className="hs-step-circle" aria-hidden>
        {step.done ? <Check /> : number}
      </span>
      <div className="hs-start-body">
        <h2>
          {t(`start.${step.key}.title`)}
          <span className={`hs-status hs-status-${step.done ? 'success' : 'default'}`}>
            <span className="hs-status-dot" aria-hidden />
            {t(step.done ? 'start.done' : 'start.todo')}
          </span>
        </h2>
        <p>{t(`start.${step.key}.text`)}</p>
        {step.extra}
      </div>
      <a
        className={`hs-button hs-button-md hs-button-${{ next: 'accent', todo: 'secondary', done: 'transparent' }[state]}`}
        href={step.href}
        target={step.newTab ? '_blank' : undefined}
        rel={step.newTab ? 'noopener noreferrer' : undefined}
        onClick={onVisit}
      >
        {t(`start.${step.key}.action`)}
      </a>
    </li>
  );
}

function Token({ value }: { value: string }): ReactElement {
  const { texts, addAlert } = useShell();
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    navigator.clipboard.writeText(value).then(
      () => setCopied(true),
      (error: Error) => addAlert({ type: 'warning', message: error.message }),
    );
  };
  return (
    <div className="hs-token">
      <span>{texts.t('start.link.token')}</span>
      <code data-testid="gateway-token">{value}</code>
      <button type="button" className="hs-button hs-button-secondary hs-button-xs" onClick={copy}>
        {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
        {texts.t(copied ? 'common.copied' : 'common.copy')}
      </button>
    </div>
  );
}

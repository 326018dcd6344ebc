// Mounts one extension: starts its worker, draws its tree, shows its state and its problems.

import { RemoteRenderer } from '@remote-ui/react/host';
import { useEffect, useMemo, useRef, useState, type ReactElement } from 'react';
import type { Extension } from '../api';
import type { ExtensionContext, PageLocation, ProblemReport } from '../protocol';
import { useShell } from '../pages/shell/shell-state';
import { makeActions } from './actions';
import { ExtensionConnection } from './connection';
import { makeHostApi } from './host-api';
import { OverlayManager } from './overlays';
import { isFatal, recordProblem, type Problem } from './problems';
import type { RecordFeed } from './record-feed';
import { makeController } from './registry';
import { reactionsOf, ScopeContext, type ExtensionScope } from './scope';

export type HostState = 'loading' | 'ready' | 'failed';

interface FrameProps {
  extension: Extension;
  context: ExtensionContext;
  feed: RecordFeed | null;
  location?: PageLocation;
}

const controller = makeController();
const HOME: PageLocation = { path: '/', params: {} };

interface RunningExtension {
  connection: ExtensionConnection | null;
  state: HostState;
  problems: readonly Problem[];
  scope: ExtensionScope;
}

/** Runs the extension while the component is mounted. */
function useExtension({ extension, context, feed, location = HOME }: FrameProps): RunningExtension {
  const shell = useShell();
  const [state, setState] = useState<HostState>('loading');
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const [connection, setConnection] = useState<ExtensionConnection | null>(null);
  const overlays = useRef(new OverlayManager()).current;
  const { uid, type, bundle_url: bundleUrl } = extension;
  const report = useRef((problem: ProblemReport): void => {
    const full = { ...problem, extension: uid };
    if (recordProblem(full)) setProblems((before) => [...before, full]);
    if (isFatal(problem)) setState('failed');
  }).current;
  // The first values start the worker; later ones are sent to it or read through the feed.
  const start = useRef({ context, location, shell });
  useEffect(() => {
    const { addAlert, openIframe, navigateToPage: navigate } = start.current.shell;
    const actions = makeActions({ overlays, feed, addAlert, openIframe, navigate, report });
    const next = new ExtensionConnection({
      bundleUrl,
      api: { context: start.current.context, actions },
      host: makeHostApi(uid, feed, report),
      location: start.current.location,
      onProblem: report,
    });
    setConnection(next);
    let gone = false;
    void next.start().then((drawn) => {
      if (!gone) setState((before) => (before === 'failed' || !drawn ? 'failed' : 'ready'));
    });
    return () => {
      gone = true;
      next.stop();
    };
  }, [bundleUrl, uid, feed, overlays, report]);
  useEffect(() => connection?.setPageLocation(location), [connection, location]);
  const scope = useMemo<ExtensionScope>(() => {
    const headingLevel = type === 'card' ? 3 : 2;
    return { uid, headingLevel, overlays, reactions: reactionsOf(overlays), report, texts: shell.texts };
  }, [uid, type, overlays, report, shell.texts]);
  return { connection, state, problems, scope };
}

/** The extension keeps running while the record changes: its `key` must hold extension and record, nothing more. */
export function ExtensionFrame(props: FrameProps): ReactElement {
  const { uid, name } = props.extension;
  const { connection, state, problems, scope } = useExtension(props);
  return (
    <div
      className="hs-extension"
      data-host-state={state}
      data-extension={uid}
      data-host-problems={kinds(problems)}
    >
      {state === 'loading' && <Loading name={name} />}
      <ScopeContext.Provider value={scope}>
        {connection && <RemoteRenderer receiver={connection.receiver} controller={controller} />}
      </ScopeContext.Provider>
      <ProblemList name={name} state={state} problems={problems} />
    </div>
  );
}

function kinds(problems: readonly Problem[]): string | undefined {
  return problems.length === 0 ? undefined : [...new Set(problems.map((problem) => problem.kind))].join(' ');
}

function Loading({ name }: { name: string }): ReactElement {
  const { t } = useShell().texts;
  return (
    <div
      className="hs-loading hs-loading-centered"
      role="status"
      aria-label={t('extension.loading', { name })}
    >
      <span className="hs-spinner hs-spinner-md" aria-hidden />
    </div>
  );
}

function ProblemList({
  name,
  state,
  problems,
}: {
  name: string;
  state: HostState;
  problems: readonly Problem[];
}): ReactElement | null {
  const { t } = useShell().texts;
  if (problems.length === 0) return null;
  return (
    <div className="hs-problem-box" role="alert">
      <strong>{state === 'failed' ? t('extension.failed', { name }) : t('extension.problems')}</strong>
      <ul>
        {problems.map((problem) => (
          <li key={`${problem.kind} ${problem.message}`}>
            <code>{problem.kind}</code> {problem.message}
          </li>
        ))}
      </ul>
    </div>
  );
}

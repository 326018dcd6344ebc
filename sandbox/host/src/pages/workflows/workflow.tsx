// One workflow: its editor, its enrolments and its history.

import { useEffect, useState, type ReactElement, type ReactNode } from 'react';
import { readActions, readWorkflow, type ActionDefinition, type Workflow } from '../../api-workflows';
import { workflowsPath } from '../routes';
import { useShell } from '../shell/shell-state';
import { PageFailed, PageLoading } from '../shell/states';
import { useData } from '../shell/use-data';
import { Editor } from './editor';
import { EnrolPanel } from './enrol';
import { HistoryTable } from './history';

const TABS = ['build', 'enrol', 'history'] as const;
type Tab = (typeof TABS)[number];

/** `id` null: a new workflow. */
export function WorkflowPage({ id }: { id: string | null }): ReactElement {
  const { texts } = useShell();
  const found = useData(
    () => Promise.all([readActions(), id === null ? Promise.resolve(null) : readWorkflow(id)]),
    id ?? 'new',
  );
  if (found.status === 'loading') return <PageLoading />;
  if (found.status === 'failed')
    return <PageFailed message={texts.t('common.failed', { message: found.error.message })} />;
  const [actions, workflow] = found.data;
  return <Loaded actions={actions} first={workflow} />;
}

function Loaded({ actions, first }: { actions: ActionDefinition[]; first: Workflow | null }): ReactElement {
  const { session, texts, markReady } = useShell();
  const [workflow, setWorkflow] = useState(first);
  const [tab, setTab] = useState<Tab>('build');
  useEffect(markReady, [markReady]);
  const name = workflow?.name ?? texts.t('workflow.new');
  useEffect(() => {
    document.title = `${name} · HubSpot sandbox`;
  }, [name]);
  return (
    <div className="hs-page">
      <nav className="hs-breadcrumb" aria-label={texts.t('workflows.title')}>
        <a href={workflowsPath(session.portal.id)}>{texts.t('workflows.title')}</a> <span aria-hidden>/</span>{' '}
        <span>{name}</span>
      </nav>
      <h1 className="hs-workflow-name">{name}</h1>
      <div className="hs-tabs" role="tablist">
        <div className="hs-tablist">
          {TABS.map((each) => (
            <button
              key={each}
              type="button"
              role="tab"
              id={`workflow-tab-${each}`}
              aria-selected={tab === each}
              aria-controls={`workflow-panel-${each}`}
              className="hs-tab"
              disabled={each !== 'build' && workflow === null}
              onClick={() => setTab(each)}
            >
              {texts.t(`workflow.tab.${each}`)}
            </button>
          ))}
        </div>
      </div>
      <TabPanel tab="build" shown={tab}>
        <Editor
          actions={actions}
          workflow={workflow}
          onSaved={(saved) => {
            if (workflow === null)
              window.history.replaceState(null, '', `${workflowsPath(session.portal.id)}/${saved.id}`);
            setWorkflow(saved);
          }}
        />
      </TabPanel>
      {workflow && (
        <>
          <TabPanel tab="enrol" shown={tab}>
            <EnrolPanel workflow={workflow} isShown={tab === 'enrol'} />
          </TabPanel>
          <TabPanel tab="history" shown={tab}>
            {tab === 'history' && <HistoryTable workflow={workflow} />}
          </TabPanel>
        </>
      )}
    </div>
  );
}

function TabPanel({ tab, shown, children }: { tab: Tab; shown: Tab; children: ReactNode }): ReactElement {
  return (
    <div
      className="hs-sheet hs-sheet-padded"
      role="tabpanel"
      id={`workflow-panel-${tab}`}
      aria-labelledby={`workflow-tab-${tab}`}
      hidden={tab !== shown}
    >
      {children}
    </div>
  );
}

// The list of workflows.

import { Plus } from 'lucide-react';
import { useEffect, type ReactElement } from 'react';
import { readActions, readWorkflows, type ActionDefinition, type Workflow } from '../../api-workflows';
import { workflowPath, workflowsPath } from '../routes';
import { useShell } from '../shell/shell-state';
import { PageFailed, PageLoading } from '../shell/states';
import { useData } from '../shell/use-data';
import { actionName, objectTypeKey } from './names';

export function WorkflowsPage(): ReactElement {
  const { session, texts, markReady } = useShell();
  const found = useData(() => Promise.all([readWorkflows(), readActions()]), '');
  const ready = found.status === 'ready';
  useEffect(() => {
    if (ready) markReady();
  }, [ready, markReady]);
  if (found.status === 'loading') return <PageLoading />;
  if (found.status === 'failed')
    return <PageFailed message={texts.t('common.failed', { message: found.error.message })} />;
  const [workflows, actions] = found.data;
  return (
    <div className="hs-page">
      <div className="hs-page-head">
        <div>
          <h1>{texts.t('workflows.title')}</h1>
          <p className="hs-muted">{texts.t('workflows.intro')}</p>
        </div>
        {actions.length > 0 && (
          <a
            className="hs-button hs-button-accent hs-button-md"
            href={`${workflowsPath(session.portal.id)}/new`}
          >
            <Plus aria-hidden /> {texts.t('workflows.create')}
          </a>
        )}
      </div>
      <div className="hs-sheet">
        {actions.length === 0 ? <NoActions /> : <WorkflowTable workflows={workflows} actions={actions} />}
      </div>
    </div>
  );
}

/** Actions come with an app: without one, a workflow has no action to use. */
function NoActions(): ReactElement {
  const { session, texts } = useShell();
  return (
    <div className="hs-none">
      <p>{texts.t('workflows.noActions')}</p>
      {!session.app.installed && (
        <a className="hs-button hs-button-accent hs-button-sm" href={session.app.install_url}>
          {texts.t('start.install.action')}
        </a>
      )}
    </div>
  );
}

function WorkflowTable({
  workflows,
  actions,
}: {
  workflows: Workflow[];
  actions: ActionDefinition[];
}): ReactElement {
  const { session, texts } = useShell();
  if (workflows.length === 0) return <p className="hs-none">{texts.t('workflows.empty')}</p>;
  const nameOf = (uid: string): string => {
    const action = actions.find((each) => each.uid === uid);
    return action ? actionName(action, texts.language) : uid;
  };
  return (
    <div className="hs-table-scroll">
      <table className="hs-table hs-table-list">
        <thead>
          <tr>
            {(['name', 'object', 'action'] as const).map((column) => (
              <th key={column} scope="col">
                {texts.t(`workflows.column.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {workflows.map((workflow) => (
            <tr key={workflow.id}>
              <th scope="row">
                <a href={workflowPath(session.portal.id, workflow.id)}>{workflow.name}</a>
              </th>
              <td>{texts.t(objectTypeKey(workflow.object_type_id))}</td>
              <td>{nameOf(workflow.action_uid)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

// The editor of a workflow: the object type, the action, and the action's inputs as its definition describes them.

import { ArrowDown, UserPlus } from 'lucide-react';
import { useState, type ReactElement } from 'react';
import {
  readPropertyNames,
  saveWorkflow,
  type ActionDefinition,
  type Draft,
  type Inputs,
  type PropertyNames,
  type Workflow,
} from '../../api-workflows';
import { AppLogo } from '../shell/app-logo';
import { useShell } from '../shell/shell-state';
import { useData } from '../shell/use-data';
import { ActionForm } from './action-form';
import { actionName, OBJECT_TYPE_IDS, objectTypeKey } from './names';

const NO_NAMES: PropertyNames = { token_prefix: '', properties: [] };

interface EditorProps {
  actions: ActionDefinition[];
  workflow: Workflow | null;
  onSaved(workflow: Workflow): void;
}

export function Editor({ actions, workflow, onSaved }: EditorProps): ReactElement {
  const { texts, addAlert } = useShell();
  const [draft, setDraft] = useState<Draft>(() => workflow ?? emptyDraft(actions, texts.t('workflow.new')));
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const properties = useData(() => readPropertyNames(draft.object_type_id), draft.object_type_id);
  const action = actions.find((each) => each.uid === draft.action_uid);
  const save = async (): Promise<void> => {
    setBusy(true);
    try {
      onSaved(await saveWorkflow(workflow?.id ?? null, draft));
      setError(null);
      addAlert({ type: 'success', message: texts.t('workflow.saved') });
    } catch (failure) {
      setError((failure as Error).message);
    } finally {
      setBusy(false);
    }
  };
  if (!action) return <p className="hs-none">{texts.t('workflows.noActions')}</p>;
  return (
    <form
      className="hs-workflow-editor"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Flow draft={draft} action={action} actions={actions} change={setDraft} />
      <section className="hs-panel-card hs-workflow-form" aria-label={actionName(action, texts.language)}>
        <h2>{actionName(action, texts.language)}</h2>
        <p className="hs-muted">{action.labels[texts.language].actionDescription}</p>
        <ActionForm
          action={action}
          draft={draft}
          names={properties.status === 'ready' ? properties.data : NO_NAMES}
          change={(inputs: Inputs) => setDraft({ ...draft, inputs })}
        />
        {error && (
          <div className="hs-alert hs-alert-danger" role="alert">
            <div className="hs-alert-body">{texts.t('workflow.notSaved', { message: error })}</div>
          </div>
        )}
        <button type="submit" className="hs-button hs-button-accent hs-button-md" disabled={busy}>
          {texts.t('common.save')}
        </button>
      </section>
    </form>
  );
}

/** Contacts if an action supports them: most workflows are about people. */
function emptyDraft(actions: ActionDefinition[], name: string): Draft {
  const [contact] = OBJECT_TYPE_IDS;
  const action = actions.find((each) => contact && each.object_type_ids.includes(contact)) ?? actions[0];
  return {
    name,
    object_type_id: action?.object_type_ids[0] ?? '',
    action_uid: action?.uid ?? '',
    inputs: {},
  };
}

interface FlowProps {
  draft: Draft;
  action: ActionDefinition;
  actions: ActionDefinition[];
  change(draft: Draft): void;
}

/** The column that HubSpot draws as a canvas: the trigger above, the action below. */
function Flow({ draft, action, actions, change }: FlowProps): ReactElement {
  const { texts } = useShell();
  const { t } = texts;
  const fitting = actions.filter((each) => each.object_type_ids.includes(draft.object_type_id));
  const chooseObject = (typeId: string): void => {
    const first = actions.find((each) => each.object_type_ids.includes(typeId));
    const keeps = action.object_type_ids.includes(typeId);
    change({
      ...draft,
      object_type_id: typeId,
      action_uid: keeps ? draft.action_uid : (first?.uid ?? draft.action_uid),
      inputs: keeps ? draft.inputs : {},
    });
  };
  return (
    <div className="hs-flow">
      <label className="hs-flow-name">
        {t('workflow.name')}
        <input
          className="hs-input"
          type="text"
          value={draft.name}
          required
          maxLength={100}
          onChange={(event) => change({ ...draft, name: event.target.value })}
        />
      </label>
      <Trigger typeId={draft.object_type_id} choose={chooseObject} />
      <ArrowDown aria-hidden className="hs-flow-arrow" />
      <div className="hs-flow-step hs-flow-action">
        <h3>
          <AppLogo size="small" /> {action.labels[texts.language].appDisplayName ?? t('workflow.action')}
        </h3>
        <label htmlFor="workflow-action">{t('workflow.action')}</label>
        <select
          id="workflow-action"
          className="hs-input"
          value={draft.action_uid}
          onChange={(event) => change({ ...draft, action_uid: event.target.value, inputs: {} })}
        >
          {fitting.map((each) => (
            <option key={each.uid} value={each.uid}>
              {actionName(each, texts.language)}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

function Trigger({ typeId, choose }: { typeId: string; choose(typeId: string): void }): ReactElement {
  const { t } = useShell().texts;
  return (
    <div className="hs-flow-step">
      <h3>
        <UserPlus aria-hidden /> {t('workflow.trigger')}
      </h3>
      <label htmlFor="workflow-object">{t('workflow.object')}</label>
      <select
        id="workflow-object"
        className="hs-input"
        value={typeId}
        onChange={(event) => choose(event.target.value)}
      >
        {OBJECT_TYPE_IDS.map((each) => (
          <option key={each} value={each}>
            {t(objectTypeKey(each))}
          </option>
        ))}
      </select>
    </div>
  );
}

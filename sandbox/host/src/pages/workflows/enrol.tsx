// Enrolling records: chosen ones, or many that the simulator makes up; and the numbers of each enrolment.

import { useState, type FormEvent, type ReactElement } from 'react';
import { readRecords } from '../../api';
import { enrolGenerated, enrolRecords, type Workflow } from '../../api-workflows';
import { recordName } from '../object-kinds';
import { useShell } from '../shell/shell-state';
import { useData } from '../shell/use-data';
import { CallsPanel } from './calls';
import { RunsTable } from './runs';

const MOST_GENERATED = 100_000;

export function EnrolPanel({ workflow, isShown }: { workflow: Workflow; isShown: boolean }): ReactElement {
  const { texts, addAlert } = useShell();
  const [begun, setBegun] = useState(0);
  const [busy, setBusy] = useState(false);
  const enrol = async (start: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    try {
      await start();
      setBegun((count) => count + 1);
    } catch (failure) {
      addAlert({
        type: 'danger',
        message: texts.t('common.failed', { message: (failure as Error).message }),
      });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="hs-enrol">
      <ChosenRecords
        typeId={workflow.object_type_id}
        busy={busy}
        enrol={(ids) => enrol(() => enrolRecords(workflow.id, ids))}
      />
      <GeneratedRecords busy={busy} enrol={(count) => enrol(() => enrolGenerated(workflow.id, count))} />
      <RunsTable workflowId={workflow.id} isShown={isShown} begun={begun} />
      <CallsPanel isShown={isShown} />
    </div>
  );
}

interface ChosenProps {
  typeId: string;
  busy: boolean;
  enrol(ids: string[]): Promise<void>;
}

function ChosenRecords({ typeId, busy, enrol }: ChosenProps): ReactElement {
  const { texts } = useShell();
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const found = useData(() => readRecords(typeId, query.trim()), `${typeId} ${query}`);
  const toggle = (id: string): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void enrol([...chosen]).then(() => setChosen(new Set()));
  };
  return (
    <form onSubmit={submit} aria-label={texts.t('enrol.chosen')}>
      <h2>{texts.t('enrol.chosen')}</h2>
      <input
        className="hs-input"
        type="search"
        value={query}
        aria-label={texts.t('common.search')}
        placeholder={texts.t('common.search')}
        onChange={({ target }) => setQuery(target.value)}
      />
      <ul className="hs-enrol-list">
        {found.status === 'ready' &&
          found.data.results.map((row) => (
            <li key={row.id}>
              <label>
                <input type="checkbox" checked={chosen.has(row.id)} onChange={() => toggle(row.id)} />{' '}
                {recordName(typeId, row, texts)}
              </label>
            </li>
          ))}
      </ul>
      <button
        type="submit"
        className="hs-button hs-button-accent hs-button-md"
        disabled={busy || chosen.size === 0}
      >
        {texts.plural('enrol.start', chosen.size)}
      </button>
    </form>
  );
}

function GeneratedRecords({
  busy,
  enrol,
}: {
  busy: boolean;
  enrol(count: number): Promise<void>;
}): ReactElement {
  const { texts } = useShell();
  const [count, setCount] = useState('100');
  return (
    <form
      className="hs-enrol-generated"
      aria-label={texts.t('enrol.generated')}
      onSubmit={(event) => {
        event.preventDefault();
        void enrol(Number(count));
      }}
    >
      <h2>{texts.t('enrol.generated')}</h2>
      <p className="hs-muted">{texts.t('enrol.generatedHelp')}</p>
      <label>
        {texts.t('enrol.count')}
        <input
          className="hs-input"
          type="number"
          min={1}
          max={MOST_GENERATED}
          required
          value={count}
          onChange={({ target }) => setCount(target.value)}
        />
      </label>
      <button type="submit" className="hs-button hs-button-secondary hs-button-md" disabled={busy}>
        {texts.t('enrol.generate')}
      </button>
    </form>
  );
}

// The numbers of each enrolment, during and after it.

import { useEffect, useState, type ReactElement } from 'react';
import { readRuns, type Run, type Runs } from '../../api-workflows';
import { paced } from '../../pace';
import { useShell } from '../shell/shell-state';

const REFRESH_MS = 1_000;
const COLUMNS = [
  'records',
  'succeeded',
  'failed',
  'blocked',
  'completed',
  'error',
  'expired',
  'retries',
  'duplicates',
] as const;

interface RunsProps {
  workflowId: string;
  isShown: boolean;
  /** Count of enrolments started from this page; a change causes a new read. */
  begun: number;
}

export function RunsTable({ workflowId, isShown, begun }: RunsProps): ReactElement | null {
  const { texts } = useShell();
  const found = useRuns(workflowId, isShown, begun);
  if (!found || found.runs.length === 0) return null;
  return (
    <section className="hs-runs" aria-label={texts.t('runs.title')}>
      <h2>{texts.t('runs.title')}</h2>
      <p className="hs-muted">{texts.t('runs.time', { factor: found.retry_compression })}</p>
      <div className="hs-table-scroll">
        <table className="hs-table">
          <thead>
            <tr>
              <th scope="col">{texts.t('runs.at')}</th>
              {COLUMNS.map((column) => (
                <th key={column} scope="col">
                  {texts.t(`runs.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.runs.map((run) => (
              <RunRow key={run.run_id} run={run} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Reads again every second while an enrolment is under way. */
function useRuns(workflowId: string, isShown: boolean, begun: number): Runs | null {
  const [found, setFound] = useState<Runs | null>(null);
  useEffect(() => {
    if (!isShown) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let current = true;
    const read = (): void => {
      readRuns(workflowId).then(
        (runs) => {
          if (!current) return;
          setFound(runs);
          if (runs.runs.some((run) => run.finished_at === null)) timer = setTimeout(read, paced(REFRESH_MS));
        },
        () => {
          if (current) timer = setTimeout(read, paced(REFRESH_MS));
        },
      );
    };
    read();
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [workflowId, isShown, begun]);
  return found;
}

function RunRow({ run }: { run: Run }): ReactElement {
  const { texts } = useShell();
  const count = (number: number): string => number.toLocaleString(texts.language);
  const done = run.succeeded + run.failed + run.error + run.expired;
  const valueOf = (column: (typeof COLUMNS)[number]): string =>
    column === 'records' ? `${count(done)} / ${count(run.enrolled)}` : count(run[column]);
  return (
    <tr data-finished={run.finished_at !== null}>
      <th scope="row">{texts.dateTime(run.started_at)}</th>
      {COLUMNS.map((column) => (
        <td key={column}>{valueOf(column)}</td>
      ))}
    </tr>
  );
}

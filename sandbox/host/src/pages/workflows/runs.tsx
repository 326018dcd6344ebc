// The numbers of each enrolment, while it goes on and after.

import { useEffect, useState, type ReactElement } from 'react';
import { readRuns, type Run, type Runs } from '../../api-workflows';
import { useShell } from '../shell-state';

const REFRESH_MS = 1_000;
const COLUMNS = [
  'sent',
  'success',
  'refused',
  'blocked',
  'completed',
  'failed',
  'retries',
  'duplicates',
] as const;

interface RunsProps {
  workflowId: string;
  isShown: boolean;
  /** Enrolments started from this page: each is a reason to read anew. */
  begun: number;
}

export function RunsTable({ workflowId, isShown, begun }: RunsProps): ReactElement | null {
  const { texts } = useShell();
  const found = useRuns(workflowId, isShown, begun);
  if (!found || found.runs.length === 0) return null;
  return (
    <section className="hs-runs" aria-label={texts.t('runs.title')}>
      <h2>{texts.t('runs.title')}</h2>
      <p className="hs-muted">{texts.t('runs.time', { factor: found.time_compression.factor })}</p>
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
          if (runs.runs.some((run) => !run.finished || run.blocked > 0)) timer = setTimeout(read, REFRESH_MS);
        },
        () => {
          if (current) timer = setTimeout(read, REFRESH_MS);
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
  const numbers: Record<(typeof COLUMNS)[number], string> = {
    sent: `${count(run.sent)} / ${count(run.enrolled)}`,
    success: count(run.answered.SUCCESS ?? 0),
    refused: count(run.answered.FAIL_CONTINUE ?? 0),
    blocked: count(run.blocked),
    completed: count(run.completed),
    failed: count(run.failed),
    retries: count(run.retries),
    duplicates: count(run.duplicates),
  };
  return (
    <tr data-finished={run.finished}>
      <th scope="row">{texts.dateTime(run.at)}</th>
      {COLUMNS.map((column) => (
        <td key={column}>{numbers[column]}</td>
      ))}
    </tr>
  );
}

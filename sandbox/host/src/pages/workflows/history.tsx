// The workflow's history: each record, its state, and the sentence of the matching execution rule.

import { useEffect, useState, type ReactElement } from 'react';
import { readHistory, type History, type HistoryRow, type Workflow } from '../../api-workflows';
import { paced } from '../../pace';
import { useShell } from '../shell/shell-state';

const REFRESH_MS = 1_000;

const TONES: Record<HistoryRow['state'], string> = {
  retrying: 'info',
  blocked: 'warning',
  succeeded: 'success',
  failed: 'warning',
  error: 'danger',
  expired: 'danger',
};

export function HistoryTable({ workflow }: { workflow: Workflow }): ReactElement {
  const { texts } = useShell();
  // Cursors of the pages before this one; the last is this page's.
  const [cursors, setCursors] = useState<(string | null)[]>([null]);
  const found = useHistory(workflow.id, cursors.at(-1) ?? null);
  if (found === null) return <p role="status">{texts.t('common.loading')}</p>;
  if (found instanceof Error)
    return <p role="alert">{texts.t('common.failed', { message: found.message })}</p>;
  const { results, after } = found;
  if (results.length === 0) return <p className="hs-none">{texts.t('history.empty')}</p>;
  return (
    <section aria-label={texts.t('workflow.tab.history')}>
      <div className="hs-table-scroll">
        <table className="hs-table">
          <thead>
            <tr>
              {(['record', 'at', 'state', 'what'] as const).map((column) => (
                <th key={column} scope="col">
                  {texts.t(`history.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {results.map((row) => (
              <Row key={row.n} row={row} />
            ))}
          </tbody>
        </table>
      </div>
      <div className="hs-history-tools">
        {cursors.length > 1 && (
          <PageButton
            label={texts.t('component.previous')}
            onClick={() => setCursors(cursors.slice(0, -1))}
          />
        )}
        {after !== null && (
          <PageButton label={texts.t('component.next')} onClick={() => setCursors([...cursors, after])} />
        )}
      </div>
    </section>
  );
}

/** Read periodically; the shown answer stays until the next arrives. null: not read yet. */
function useHistory(workflowId: string, cursor: string | null): History | Error | null {
  const [found, setFound] = useState<History | Error | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let current = true;
    const read = (): void => {
      readHistory(workflowId, cursor)
        .catch((error: Error) => error)
        .then((answer) => {
          if (!current) return;
          setFound(answer);
          timer = setTimeout(read, paced(REFRESH_MS));
        });
    };
    read();
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [workflowId, cursor]);
  return found;
}

function PageButton({ label, onClick }: { label: string; onClick(): void }): ReactElement {
  return (
    <button type="button" className="hs-button hs-button-secondary hs-button-sm" onClick={onClick}>
      {label}
    </button>
  );
}

function Row({ row }: { row: HistoryRow }): ReactElement {
  const { texts } = useShell();
  return (
    <tr>
      <th scope="row">
        <a href={row.record.url}>{row.record.name}</a>
      </th>
      <td>{texts.dateTime(row.at)}</td>
      <td>
        <span className={`hs-status hs-status-${TONES[row.state]}`}>
          <span className="hs-status-dot" aria-hidden />
          {texts.t(`history.state.${row.state}`)}
        </span>
      </td>
      <td>
        {row.sentence?.[texts.language] ?? <span className="hs-muted">{texts.t('history.noSentence')}</span>}
        {row.problems.map((problem) => (
          <p key={problem[texts.language]} className="hs-field-message-error">
            {problem[texts.language]}
          </p>
        ))}
      </td>
    </tr>
  );
}

// The workflow's history: each record, where it stands, and the sentence of the execution rule that fits.

import { RefreshCw } from 'lucide-react';
import { useState, type ReactElement } from 'react';
import { readHistory, type HistoryRow, type Workflow } from '../../api-workflows';
import { useShell } from '../shell-state';
import { useData } from '../use-data';

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
  const [reads, setReads] = useState(0);
  // Cursors of the pages before this one; the last is this page's.
  const [cursors, setCursors] = useState<(string | null)[]>([null]);
  const cursor = cursors.at(-1) ?? null;
  const found = useData(() => readHistory(workflow.id, cursor), `${cursor} ${reads}`);
  if (found.status === 'loading') return <p role="status">{texts.t('common.loading')}</p>;
  if (found.status === 'failed')
    return <p role="alert">{texts.t('common.failed', { message: found.error.message })}</p>;
  const { results, after } = found.data;
  return (
    <section aria-label={texts.t('workflow.tab.history')}>
      <div className="hs-history-tools">
        <button
          type="button"
          className="hs-button hs-button-secondary hs-button-sm"
          onClick={() => setReads(reads + 1)}
        >
          <RefreshCw aria-hidden /> {texts.t('history.refresh')}
        </button>
      </div>
      {results.length === 0 ? (
        <p className="hs-none">{texts.t('history.empty')}</p>
      ) : (
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
      )}
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

// The list of all contacts, companies or deals.

import { Search } from 'lucide-react';
import { useEffect, useState, type ReactElement } from 'react';
import { readRecords, type RecordList } from '../../api';
import { formatValue } from '../format-value';
import { recordName, type ObjectKind } from '../object-kinds';
import { Avatar } from '../shell/avatar';
import { recordPath } from '../routes';
import { useShell } from '../shell/shell-state';
import { PageFailed, PageLoading } from '../shell/states';
import { useData } from '../shell/use-data';

const TYPING_PAUSE_MS = 200;

export function RecordListPage({ kind }: { kind: ObjectKind }): ReactElement {
  const { texts, markReady } = useShell();
  const [typed, setTyped] = useState('');
  const [query, setQuery] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setQuery(typed.trim()), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const found = useData(() => readRecords(kind.typeId, query), query);
  const ready = found.status === 'ready';
  useEffect(() => {
    if (ready) markReady();
  }, [ready, markReady]);
  if (found.status === 'failed')
    return <PageFailed message={texts.t('common.failed', { message: found.error.message })} />;
  if (found.status === 'loading') return <PageLoading />;
  const search = texts.t(`list.search.${kind.key}`);
  return (
    <div className="hs-page">
      <div className="hs-page-head">
        <div>
          <h1>{texts.t(`list.title.${kind.key}`)}</h1>
          <p className="hs-muted">{texts.plural('list.count', found.data.total)}</p>
        </div>
      </div>
      <div className="hs-sheet">
        <div className="hs-views">
          <span aria-current="true">{texts.t(`list.view.${kind.key}`)}</span>
        </div>
        <div className="hs-list-tools">
          <span className="hs-input-wrap">
            <input
              className="hs-input hs-input-search"
              type="search"
              value={typed}
              aria-label={search}
              placeholder={search}
              onChange={(event) => setTyped(event.target.value)}
            />
            <Search aria-hidden className="hs-input-icon" />
          </span>
        </div>
        <RecordTable kind={kind} list={found.data} />
      </div>
    </div>
  );
}

function RecordTable({ kind, list }: { kind: ObjectKind; list: RecordList }): ReactElement {
  const { session, texts } = useShell();
  const columns = kind.columns.flatMap((name) => list.definitions.filter((found) => found.name === name));
  return (
    <div className="hs-table-scroll">
      <table className="hs-table hs-table-list">
        <thead>
          <tr>
            <th scope="col">{texts.t('list.name')}</th>
            {columns.map((column) => (
              <th key={column.name} scope="col">
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {list.results.map((row) => {
            const name = recordName(kind.typeId, row, texts);
            return (
              <tr key={row.id}>
                <th scope="row">
                  <a className="hs-person" href={recordPath(session.portal.id, kind.typeId, row.id)}>
                    <Avatar name={name} size="small" /> {name}
                  </a>
                </th>
                {columns.map((column) => (
                  <td key={column.name}>
                    {formatValue(column, row.properties[column.name] ?? null, texts) || (
                      <span className="hs-muted">--</span>
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
          {list.results.length === 0 && (
            <tr>
              <td colSpan={columns.length + 1} className="hs-none">
                {texts.t('list.empty')}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

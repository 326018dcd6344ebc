// The list of contacts.

import { Search } from 'lucide-react';
import { useEffect, useState, type ReactElement } from 'react';
import { readRecords, type RecordRow } from '../api';
import { CONTACT_TYPE_ID, recordPath } from './routes';
import { useShell } from './shell-state';
import { PageFailed, PageLoading } from './states';
import { useData } from './use-data';
import { Avatar, fullName } from './person';

const TYPING_PAUSE_MS = 200;

export function ContactsPage(): ReactElement {
  const { texts, markReady } = useShell();
  const [typed, setTyped] = useState('');
  const [query, setQuery] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setQuery(typed.trim()), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const found = useData(() => readRecords(CONTACT_TYPE_ID, query), query);
  const ready = found.status === 'ready';
  useEffect(() => {
    if (ready) markReady();
  }, [ready, markReady]);
  if (found.status === 'failed')
    return <PageFailed message={texts.t('common.failed', { message: found.error.message })} />;
  if (found.status === 'loading') return <PageLoading />;
  const { results, total } = found.data;
  return (
    <div className="hs-page">
      <div className="hs-page-head">
        <div>
          <h1>{texts.t('contacts.title')}</h1>
          <p className="hs-muted">{texts.plural('contacts.count', total)}</p>
        </div>
      </div>
      <div className="hs-sheet">
        <div className="hs-views">
          <span aria-current="true">{texts.t('contacts.view')}</span>
        </div>
        <div className="hs-list-tools">
          <span className="hs-input-wrap">
            <input
              className="hs-input hs-input-search"
              type="search"
              value={typed}
              aria-label={texts.t('contacts.search')}
              placeholder={texts.t('contacts.search')}
              onChange={(event) => setTyped(event.target.value)}
            />
            <Search aria-hidden className="hs-input-icon" />
          </span>
        </div>
        <ContactTable rows={results} />
      </div>
    </div>
  );
}

const COLUMNS = ['email', 'phone', 'mobilephone', 'company'] as const;

function ContactTable({ rows }: { rows: RecordRow[] }): ReactElement {
  const { session, texts } = useShell();
  return (
    <div className="hs-table-scroll">
      <table className="hs-table hs-table-list">
        <thead>
          <tr>
            <th scope="col">{texts.t('contacts.column.name')}</th>
            {COLUMNS.map((column) => (
              <th key={column} scope="col">
                {texts.t(`contacts.column.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const name = fullName(row.properties) || row.properties.email || texts.t('contacts.noName');
            return (
              <tr key={row.id}>
                <th scope="row">
                  <a className="hs-person" href={recordPath(session.portal.id, CONTACT_TYPE_ID, row.id)}>
                    <Avatar name={name} size="small" /> {name}
                  </a>
                </th>
                {COLUMNS.map((column) => (
                  <td key={column}>{row.properties[column] || <span className="hs-muted">--</span>}</td>
                ))}
              </tr>
            );
          })}
          {rows.length === 0 && (
            <tr>
              <td colSpan={COLUMNS.length + 1} className="hs-none">
                {texts.t('contacts.empty')}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

// The app's numbers of calls to HubSpot and SMSFactor: they show the cost of a burst of executions.

import { useEffect, useState, type ReactElement } from 'react';
import { readApiCalls, resetApiCalls, type ApiCalls } from '../../api-workflows';
import { useShell } from '../shell/shell-state';

const REFRESH_MS = 2_000;

export function CallsPanel({ isShown }: { isShown: boolean }): ReactElement | null {
  const { texts, addAlert } = useShell();
  const { calls, setCalls } = useCalls(isShown);
  if (!calls) return null;
  const reset = (): void => {
    resetApiCalls().then(setCalls, (error: Error) =>
      addAlert({ type: 'danger', message: texts.t('common.failed', { message: error.message }) }),
    );
  };
  return (
    <section className="hs-runs" aria-label={texts.t('calls.title')}>
      <h2>{texts.t('calls.title')}</h2>
      <p className="hs-muted">{texts.t('calls.since', { date: texts.dateTime(calls.since) })}</p>
      <div className="hs-table-scroll">
        <HubSpotCalls calls={calls} />
      </div>
      <div className="hs-table-scroll">
        <GatewayCalls gateway={calls.gateway} />
      </div>
      <div className="hs-history-tools">
        <button type="button" className="hs-button hs-button-secondary hs-button-sm" onClick={reset}>
          {texts.t('calls.reset')}
        </button>
      </div>
    </section>
  );
}

/** Reads again every two seconds while the panel is shown. */
function useCalls(isShown: boolean) {
  const [calls, setCalls] = useState<ApiCalls | null>(null);
  useEffect(() => {
    if (!isShown) return;
    const read = (): void => void readApiCalls().then(setCalls, () => undefined);
    read();
    const timer = setInterval(read, REFRESH_MS);
    return () => clearInterval(timer);
  }, [isShown]);
  return { calls, setCalls };
}

function HubSpotCalls({ calls }: { calls: ApiCalls }): ReactElement {
  const { t } = useShell().texts;
  const rows = Object.entries(calls.families).map(([family, { calls: count, statuses }]) => ({
    name: t(familyKey(family)),
    counts: [count, statuses['429'] ?? 0],
  }));
  return (
    <CountTable
      caption="HubSpot"
      columns={[t('calls.count'), t('calls.tooMany')]}
      rows={rows}
      totals={[calls.total, calls.too_many.total]}
    />
  );
}

function GatewayCalls({ gateway }: { gateway: ApiCalls['gateway'] }): ReactElement {
  const { t } = useShell().texts;
  if (!gateway) return <p className="hs-none">{t('calls.noGateway')}</p>;
  const rows = Object.entries(gateway.endpoints).map(([name, count]) => ({ name, counts: [count] }));
  return <CountTable caption="SMSFactor" columns={[t('calls.count')]} rows={rows} totals={[gateway.total]} />;
}

interface CountTableProps {
  caption: string;
  columns: string[];
  rows: { name: string; counts: number[] }[];
  totals: number[];
}

function CountTable({ caption, columns, rows, totals }: CountTableProps): ReactElement {
  const { t, language } = useShell().texts;
  const cells = (counts: number[]): ReactElement[] =>
    counts.map((count, place) => <td key={columns[place]}>{count.toLocaleString(language)}</td>);
  return (
    <table className="hs-table" aria-label={caption}>
      <thead>
        <tr>
          {[caption, ...columns].map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, counts }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {cells(counts)}
          </tr>
        ))}
        <tr>
          <th scope="row">{t('calls.total')}</th>
          {cells(totals)}
        </tr>
      </tbody>
    </table>
  );
}

/** The simulator's families (api_calls.py), by the key of their words: "objects: batch read". */
function familyKey(family: string) {
  return `calls.family.${family.replaceAll(/\W+/g, '_')}` as 'calls.family.other';
}

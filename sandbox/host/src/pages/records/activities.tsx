// The activity timeline, newest first, by month, with HubSpot's activity filter.

import { useMemo, useState, useSyncExternalStore, type ReactElement } from 'react';
import type { AppEventEntry, CrmRecord, TimelineEntry } from '../../api';
import type { RecordFeed } from '../../extension/record-feed';
import { AppEvent, Communication, Created } from './timeline-entries';
import type { ObjectKind } from '../object-kinds';
import { useShell } from '../shell/shell-state';

/** All, the events of the app, one event type by its uid, or logged communications. */
type Filter = string;
const ALL: Filter = '';
const APP: Filter = 'app:';
const COMMUNICATIONS: Filter = 'communications:';

function isShown(entry: TimelineEntry, filter: Filter): boolean {
  if (filter === ALL) return true;
  if (filter === COMMUNICATIONS) return entry.kind === 'communication';
  return entry.kind === 'app_event' && (filter === APP || entry.event_type === filter);
}

/** The entries that the filter shows, in runs of one month. */
function byMonth(
  record: CrmRecord,
  filter: Filter,
  month: (iso: string) => string,
): { month: string; entries: TimelineEntry[] }[] {
  const runs: { month: string; entries: TimelineEntry[] }[] = [];
  for (const entry of record.timeline.filter((one) => isShown(one, filter))) {
    const name = month(entry.timestamp);
    const run = runs.at(-1);
    if (run?.month === name) run.entries.push(entry);
    else runs.push({ month: name, entries: [entry] });
  }
  return runs;
}

export function Activities({ feed, kind }: { feed: RecordFeed; kind: ObjectKind }): ReactElement {
  const { texts } = useShell();
  const record = useSyncExternalStore(feed.subscribe, feed.get);
  const [filter, setFilter] = useState(ALL);
  const runs = byMonth(record, filter, texts.month);
  return (
    <>
      <ActivityFilter record={record} filter={filter} choose={setFilter} />
      {runs.map((run) => (
        <section key={run.month} className="hs-timeline-month">
          <h2>{run.month}</h2>
          {run.entries.map((entry) => (
            <Entry key={keyOf(entry)} entry={entry} kind={kind} />
          ))}
        </section>
      ))}
      {runs.length === 0 && <p className="hs-panel-card hs-none">{texts.t('record.timeline.empty')}</p>}
    </>
  );
}

interface Choice {
  record: CrmRecord;
  filter: Filter;
  choose: (filter: Filter) => void;
}

/** HubSpot groups its filter by activities and integrations; an integration has the name of its app. */
function ActivityFilter({ record, filter, choose }: Choice): ReactElement | null {
  const { session, texts } = useShell();
  const types = useMemo(() => {
    const events = record.timeline.filter((entry): entry is AppEventEntry => entry.kind === 'app_event');
    return [...new Map(events.map((event) => [event.event_type, event.name]))];
  }, [record]);
  const isLogged = record.timeline.some((entry) => entry.kind === 'communication');
  // The chosen filter stays on offer when its last entry goes.
  if (types.length === 0 && !isLogged && filter === ALL) return null;
  return (
    <div className="hs-timeline-tools">
      <label>
        {texts.t('record.timeline.filter')}{' '}
        <select
          className="hs-input hs-native-select"
          value={filter}
          onChange={(event) => choose(event.target.value)}
        >
          <option value={ALL}>{texts.t('record.timeline.all')}</option>
          <optgroup label={texts.t('record.timeline.communications')}>
            <option value={COMMUNICATIONS}>SMS</option>
          </optgroup>
          <optgroup label={texts.t('record.timeline.integrations')}>
            <option value={APP}>{session.app.name}</option>
            {types.map(([id, name]) => (
              <option key={id} value={id}>
                {session.app.name} · {name}
              </option>
            ))}
          </optgroup>
        </select>
      </label>
    </div>
  );
}

function keyOf(entry: TimelineEntry): string {
  if (entry.kind === 'created') return entry.kind;
  return entry.kind === 'app_event' ? `${entry.event_type} ${entry.id}` : `communication ${entry.id}`;
}

function Entry({ entry, kind }: { entry: TimelineEntry; kind: ObjectKind }): ReactElement {
  if (entry.kind === 'app_event') return <AppEvent event={entry} />;
  if (entry.kind === 'communication') return <Communication entry={entry} />;
  return <Created timestamp={entry.timestamp} kind={kind} />;
}

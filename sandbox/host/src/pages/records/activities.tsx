// The activity timeline: app events drawn from their templates, newest first, by month.

import { CirclePlus } from 'lucide-react';
import { useMemo, useState, useSyncExternalStore, type ReactElement } from 'react';
import type { AppEventEntry, CrmRecord, TimelineEntry } from '../../api';
import type { RecordFeed } from '../../extension/record-feed';
import { AppLogo } from '../shell/app-logo';
import { drawTemplate } from './event-template';
import type { ObjectKind } from '../object-kinds';
import { useShell } from '../shell/shell-state';

/** Entries of the chosen event type ('' for all), in runs of one month. */
function byMonth(
  record: CrmRecord,
  type: string,
  month: (iso: string) => string,
): { month: string; entries: TimelineEntry[] }[] {
  const shown = record.timeline.filter(
    (entry) => type === '' || (entry.kind === 'app_event' && entry.event_type === type),
  );
  const runs: { month: string; entries: TimelineEntry[] }[] = [];
  for (const entry of shown) {
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
  const [type, setType] = useState('');
  const types = useMemo(() => {
    const events = record.timeline.filter((entry): entry is AppEventEntry => entry.kind === 'app_event');
    return [...new Map(events.map((event) => [event.event_type, event.name]))];
  }, [record]);
  const runs = byMonth(record, type, texts.month);
  return (
    <>
      {types.length > 0 && (
        <div className="hs-timeline-tools">
          <label>
            {texts.t('record.timeline.filter')}{' '}
            <select
              className="hs-input hs-native-select"
              value={type}
              onChange={(event) => setType(event.target.value)}
            >
              <option value="">{texts.t('record.timeline.all')}</option>
              {types.map(([id, name]) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        </div>
      )}
      {runs.map((run) => (
        <section key={run.month} className="hs-timeline-month">
          <h2>{run.month}</h2>
          {run.entries.map((entry) =>
            entry.kind === 'app_event' ? (
              <AppEvent key={`${entry.event_type} ${entry.id}`} event={entry} />
            ) : (
              <Created key="created" timestamp={entry.timestamp} kind={kind} />
            ),
          )}
        </section>
      ))}
      {runs.length === 0 && <p className="hs-panel-card hs-none">{texts.t('record.timeline.empty')}</p>}
    </>
  );
}

function AppEvent({ event }: { event: AppEventEntry }): ReactElement {
  const { session, texts, openIframe } = useShell();
  const frame = event.timeline_iframe;
  return (
    <article
      className="hs-panel-card hs-event"
      data-event-type={event.event_type}
      data-event-id={event.id}
      aria-label={event.name}
    >
      <AppLogo size="small" />
      <div className="hs-event-body">
        <header>
          <span className="hs-event-name">
            <strong>{event.name}</strong>{' '}
            <span className="hs-muted">{texts.t('record.timeline.by', { app: session.app.name })}</span>
          </span>
          <time dateTime={event.timestamp}>{texts.dateTime(event.timestamp)}</time>
        </header>
        <Template event={event} template={event.header_template} className="hs-event-header" />
        {event.detail_template && (
          <Template event={event} template={event.detail_template} className="hs-event-detail" />
        )}
        {frame && (
          <button
            type="button"
            className="hs-link hs-link-primary"
            onClick={() =>
              openIframe({
                uri: frame.url,
                width: frame.width,
                height: frame.height,
                title: frame.headerLabel,
              })
            }
          >
            {frame.linkLabel}
          </button>
        )}
      </div>
    </article>
  );
}

function Template({
  event,
  template,
  className,
}: {
  event: AppEventEntry;
  template: string;
  className: string;
}): ReactElement {
  const { texts } = useShell();
  const drawn = useMemo(() => drawTemplate(template, event, texts), [template, event, texts]);
  if ('problem' in drawn) {
    return (
      <div className="hs-problem" role="note">
        {texts.t('record.timeline.problem', { message: drawn.problem })}
      </div>
    );
  }
  // Safe: the markup comes from the sanitiser in event-template.
  return <div className={`${className} hs-markdown`} dangerouslySetInnerHTML={{ __html: drawn.html }} />;
}

function Created({ timestamp, kind }: { timestamp: string; kind: ObjectKind }): ReactElement {
  const { texts } = useShell();
  return (
    <article className="hs-panel-card hs-event hs-event-created">
      <span className="hs-event-icon" aria-hidden>
        <CirclePlus />
      </span>
      <div className="hs-event-body">
        <header>
          <span className="hs-event-name">
            <strong>{texts.t(`record.created.${kind.key}`)}</strong>
          </span>
          <time dateTime={timestamp}>{texts.dateTime(timestamp)}</time>
        </header>
      </div>
    </article>
  );
}

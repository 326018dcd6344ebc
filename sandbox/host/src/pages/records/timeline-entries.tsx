// The entries of the activity timeline: app events drawn from their templates, logged communications, the creation.

import { CirclePlus, MessageSquare } from 'lucide-react';
import { useMemo, type ReactElement } from 'react';
import type { AppEventEntry, CommunicationEntry } from '../../api';
import { AppLogo } from '../shell/app-logo';
import { drawTemplate, sanitised } from './event-template';
import type { ObjectKind } from '../object-kinds';
import { useShell } from '../shell/shell-state';

const CHANNELS: Record<string, string> = { SMS: 'SMS', WHATS_APP: 'WhatsApp', LINKEDIN_MESSAGE: 'LinkedIn' };

const channelName = (channel: string): string => CHANNELS[channel] ?? channel;

export function AppEvent({ event }: { event: AppEventEntry }): ReactElement {
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

/** HubSpot's SMS activity; its body says the direction. */
export function Communication({ entry }: { entry: CommunicationEntry }): ReactElement {
  const { texts } = useShell();
  const html = useMemo(() => sanitised(entry.body), [entry.body]);
  const name = texts.t('record.timeline.logged', { channel: channelName(entry.channel) });
  return (
    <article className="hs-panel-card hs-event" data-communication-id={entry.id} aria-label={name}>
      <span className="hs-event-icon" aria-hidden>
        <MessageSquare />
      </span>
      <div className="hs-event-body">
        <header>
          <span className="hs-event-name">
            <strong>{name}</strong>{' '}
            {entry.owner && (
              <span className="hs-muted">{texts.t('record.timeline.owner', { owner: entry.owner })}</span>
            )}
          </span>
          <time dateTime={entry.timestamp}>{texts.dateTime(entry.timestamp)}</time>
        </header>
        {/* Safe: the markup comes from the sanitiser in event-template. */}
        <div className="hs-event-header hs-markdown" dangerouslySetInnerHTML={{ __html: html }} />
      </div>
    </article>
  );
}

export function Created({ timestamp, kind }: { timestamp: string; kind: ObjectKind }): ReactElement {
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

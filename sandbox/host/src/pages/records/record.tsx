// The record page: properties on the left, activities in the middle, the apps' cards on the right.

import { ChevronDown, ChevronLeft } from 'lucide-react';
import { useEffect, useMemo, useState, useSyncExternalStore, type ReactElement } from 'react';
import { ApiError, readRecord, type CrmRecord, type Extension } from '../../api';
import { ExtensionFrame } from '../../extension/ExtensionFrame';
import { RecordFeed } from '../../extension/record-feed';
import { makeContext } from '../context';
import { Activities } from './activities';
import { Associations } from './associations';
import { Avatar } from '../shell/avatar';
import { recordName, type ObjectKind } from '../object-kinds';
import { progress } from '../progress';
import { PropertyGroups } from './properties';
import { listPath } from '../routes';
import { useShell } from '../shell/shell-state';
import { PageFailed, PageLoading } from '../shell/states';
import { useData } from '../shell/use-data';

export function RecordPage({ kind, id }: { kind: ObjectKind; id: string }): ReactElement {
  const { texts } = useShell();
  const { typeId } = kind;
  const first = useData(() => readRecord(typeId, id), `${typeId}/${id}`);
  if (first.status === 'loading') return <PageLoading />;
  if (first.status === 'failed') {
    const missing = first.error instanceof ApiError && first.error.status === 404;
    const { message } = first.error;
    return (
      <PageFailed
        message={missing ? texts.t('record.missing', { id }) : texts.t('common.failed', { message })}
      />
    );
  }
  return <Loaded key={`${typeId}/${id}`} kind={kind} first={first.data} />;
}

/** The feed and the cards outlive every change of the record. */
function Loaded({ kind, first }: { kind: ObjectKind; first: CrmRecord }): ReactElement {
  const { session, texts, markReady } = useShell();
  const [feed] = useState(() => new RecordFeed(first));
  useEffect(() => feed.start(), [feed]);
  useEffect(markReady, [markReady]);
  const record = useSyncExternalStore(feed.subscribe, feed.get);
  const name = recordName(kind.typeId, record, texts);
  useEffect(() => {
    document.title = `${name} · HubSpot sandbox`;
  }, [name]);
  const { version, timeline } = record;
  const hasEvent = timeline.some((entry) => entry.kind !== 'created');
  useEffect(() => {
    // An app event or a logged SMS on a record shows that an SMS has been sent.
    if (hasEvent) progress(session.portal.id).add('contact');
  }, [hasEvent, session]);
  return (
    <div className="hs-record" data-record-version={version}>
      <aside className="hs-record-left" aria-label={texts.t(`record.about.${kind.key}`)}>
        <Highlights kind={kind} feed={feed} name={name} />
        <PropertyGroups feed={feed} />
      </aside>
      <section className="hs-record-middle" aria-label={texts.t('record.activities')}>
        <Middle kind={kind} feed={feed} />
      </section>
      <aside className="hs-record-right" aria-label={texts.t('record.sidebar')}>
        <Sidebar feed={feed} />
        <Associations feed={feed} />
      </aside>
    </div>
  );
}

interface RecordPart {
  kind: ObjectKind;
  feed: RecordFeed;
}

function Highlights({ kind, feed, name }: RecordPart & { name: string }): ReactElement {
  const { session, texts } = useShell();
  const { properties } = useSyncExternalStore(feed.subscribe, feed.get);
  const [role, address] = kind.linesOf(properties);
  return (
    <div className="hs-panel-card hs-highlights">
      <a className="hs-back" href={listPath(session.portal.id, kind.typeId)}>
        <ChevronLeft aria-hidden /> {texts.t(`list.title.${kind.key}`)}
      </a>
      <div className="hs-highlights-who">
        <Avatar name={name} size="large" />
        <div>
          <h1>{name}</h1>
          {role && <p>{role}</p>}
          {address && <p className="hs-muted">{address}</p>}
        </div>
      </div>
    </div>
  );
}

function cardsAt(extensions: Extension[], location: string, typeId: string): Extension[] {
  return extensions.filter(
    (extension) =>
      extension.type === 'card' && extension.location === location && extension.object_types.includes(typeId),
  );
}

/** Activities, and a tab for every card that lives in the middle column. */
function Middle({ kind, feed }: RecordPart): ReactElement {
  const { extensions, texts } = useShell();
  const cards = cardsAt(extensions, 'crm.record.tab', kind.typeId);
  const [selected, setSelected] = useState('activities');
  const tabs = [
    { id: 'activities', title: texts.t('record.activities') },
    ...cards.map((card) => ({ id: card.uid, title: card.name })),
  ];
  return (
    <>
      <div className="hs-tabs hs-record-tabs">
        <div role="tablist" className="hs-tablist">
          {tabs.map((tab) => (
            <button
              key={tab.id}
              type="button"
              role="tab"
              aria-selected={tab.id === selected}
              className="hs-tab"
              onClick={() => setSelected(tab.id)}
            >
              {tab.title}
            </button>
          ))}
        </div>
      </div>
      <div role="tabpanel" hidden={selected !== 'activities'}>
        <Activities feed={feed} kind={kind} />
      </div>
      {cards.map((card) => (
        <div key={card.uid} role="tabpanel" hidden={selected !== card.uid}>
          <RecordCard card={card} feed={feed} />
        </div>
      ))}
    </>
  );
}

function Sidebar({ feed }: { feed: RecordFeed }): ReactElement {
  const { session, extensions, texts } = useShell();
  const cards = cardsAt(extensions, 'crm.record.sidebar', feed.get().object_type_id);
  if (cards.length > 0)
    return (
      <>
        {cards.map((card) => (
          <RecordCard key={card.uid} card={card} feed={feed} />
        ))}
      </>
    );
  return (
    <div className="hs-panel-card hs-none">
      {session.app.installed ? (
        texts.t('record.sidebar.empty')
      ) : (
        <>
          <p>{texts.t('record.sidebar.install')}</p>
          <a className="hs-button hs-button-accent hs-button-sm" href={session.app.install_url}>
            {texts.t('start.install.action')}
          </a>
        </>
      )}
    </div>
  );
}

/** Folding hides the card, which keeps running. */
function RecordCard({ card, feed }: { card: Extension; feed: RecordFeed }): ReactElement {
  const { session } = useShell();
  const [open, setOpen] = useState(true);
  const context = useMemo(() => makeContext(session, card, feed.get()), [session, card, feed]);
  const bodyId = `card-${card.uid}`;
  return (
    <section className="hs-panel-card hs-record-card" aria-label={card.name}>
      <h2>
        <button type="button" aria-expanded={open} aria-controls={bodyId} onClick={() => setOpen(!open)}>
          <ChevronDown aria-hidden className={open ? 'hs-caret' : 'hs-caret hs-caret-closed'} /> {card.name}
        </button>
      </h2>
      <div id={bodyId} className="hs-record-card-body" hidden={!open}>
        <ExtensionFrame extension={card} context={context} feed={feed} />
      </div>
    </section>
  );
}

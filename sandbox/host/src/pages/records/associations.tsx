// The associated records, as cards of the right sidebar that link to their pages.

import { ChevronDown } from 'lucide-react';
import { useId, useState, useSyncExternalStore, type ReactElement } from 'react';
import type { Association } from '../../api';
import type { RecordFeed } from '../../extension/record-feed';
import { kindOf, recordName, type ObjectKind } from '../object-kinds';
import { Avatar } from '../shell/avatar';
import { recordPath } from '../routes';
import { useShell } from '../shell/shell-state';

export function Associations({ feed }: { feed: RecordFeed }): ReactElement {
  const { associations } = useSyncExternalStore(feed.subscribe, feed.get);
  return (
    <>
      {associations.map((association) => {
        const kind = kindOf(association.object_type_id);
        return kind && <AssociationCard key={kind.key} kind={kind} records={association.records} />;
      })}
    </>
  );
}

interface AssociationCardProps {
  kind: ObjectKind;
  records: Association['records'];
}

function AssociationCard({ kind, records }: AssociationCardProps): ReactElement {
  const { texts } = useShell();
  const [open, setOpen] = useState(true);
  const id = useId();
  const title = texts.t('record.associated', {
    what: texts.t(`list.title.${kind.key}`),
    count: records.length,
  });
  return (
    <section className="hs-panel-card" aria-label={title}>
      <h2>
        <button type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
          <ChevronDown aria-hidden className={open ? 'hs-caret' : 'hs-caret hs-caret-closed'} /> {title}
        </button>
      </h2>
      <div id={id} className="hs-associations" hidden={!open}>
        {records.length === 0 && <p className="hs-muted">{texts.t(`record.noneAssociated.${kind.key}`)}</p>}
        {records.map((record) => (
          <AssociatedRecord key={record.id} kind={kind} record={record} />
        ))}
      </div>
    </section>
  );
}

function AssociatedRecord({
  kind,
  record,
}: {
  kind: ObjectKind;
  record: Association['records'][number];
}): ReactElement {
  const { session, texts } = useShell();
  const name = recordName(kind.typeId, record, texts);
  const numbers = kind.phones.flatMap((property) => record.properties[property] || []);
  return (
    <div className="hs-association">
      <Avatar name={name} size="small" />
      <div>
        <a className="hs-link hs-link-primary" href={recordPath(session.portal.id, kind.typeId, record.id)}>
          {name}
        </a>
        {/* HubSpot marks the main company of a record. */}
        {record.primary && kind.key === 'companies' && (
          <span className="hs-association-mark">{texts.t('record.primary')}</span>
        )}
        {numbers.map((number) => (
          <div key={number} className="hs-muted">
            {number}
          </div>
        ))}
      </div>
    </div>
  );
}

// The property groups of a record. Phone numbers can be edited, because sending depends on them.

import { Check, ChevronDown, Pencil, X } from 'lucide-react';
import { useEffect, useId, useRef, useState, useSyncExternalStore, type ReactElement } from 'react';
import { patchRecord, type CrmRecord, type PropertyDefinition } from '../../api';
import type { RecordFeed } from '../../extension/record-feed';
import { formatValue } from '../format-value';
import { useShell } from '../shell/shell-state';

const isEditable = (definition: PropertyDefinition): boolean => definition.fieldType === 'phonenumber';

interface Group {
  name: string;
  label: string;
  definitions: PropertyDefinition[];
}

function grouped(record: CrmRecord, otherLabel: string): Group[] {
  const known = record.groups.map((group) => ({
    ...group,
    definitions: record.definitions.filter((definition) => definition.groupName === group.name),
  }));
  const names = new Set(record.groups.map((group) => group.name));
  const rest = record.definitions.filter((definition) => !names.has(definition.groupName));
  return [...known, { name: 'other', label: otherLabel, definitions: rest }].filter(
    (group) => group.definitions.length > 0,
  );
}

export function PropertyGroups({ feed }: { feed: RecordFeed }): ReactElement {
  const { texts } = useShell();
  const record = useSyncExternalStore(feed.subscribe, feed.get);
  return (
    <>
      {grouped(record, texts.t('record.group.other')).map((group) => (
        <PropertyGroup key={group.name} group={group} feed={feed} record={record} />
      ))}
    </>
  );
}

function PropertyGroup({
  group,
  feed,
  record,
}: {
  group: Group;
  feed: RecordFeed;
  record: CrmRecord;
}): ReactElement {
  const [open, setOpen] = useState(true);
  const id = useId();
  return (
    <section className="hs-panel-card" aria-label={group.label} data-group={group.name}>
      <h2>
        <button type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
          <ChevronDown aria-hidden className={open ? 'hs-caret' : 'hs-caret hs-caret-closed'} /> {group.label}
        </button>
      </h2>
      <dl id={id} className="hs-properties" hidden={!open}>
        {group.definitions.map((definition) => (
          <Property
            key={definition.name}
            definition={definition}
            value={record.properties[definition.name] ?? null}
            feed={feed}
          />
        ))}
      </dl>
    </section>
  );
}

interface PropertyProps {
  definition: PropertyDefinition;
  value: string | null;
  feed: RecordFeed;
}

function Property({ definition, value, feed }: PropertyProps): ReactElement {
  const { texts } = useShell();
  const [editing, setEditing] = useState(false);
  const shown = formatValue(definition, value, texts);
  return (
    <div className="hs-property" data-property={definition.name}>
      <dt>{definition.label}</dt>
      <dd>
        {editing ? (
          <PropertyEditor
            definition={definition}
            value={value ?? ''}
            feed={feed}
            done={() => setEditing(false)}
          />
        ) : (
          <>
            <span className={shown ? undefined : 'hs-muted'}>{shown || texts.t('record.noValue')}</span>
            {isEditable(definition) && (
              <button
                type="button"
                className="hs-edit"
                aria-label={texts.t('record.edit', { label: definition.label })}
                onClick={() => setEditing(true)}
              >
                <Pencil aria-hidden />
              </button>
            )}
          </>
        )}
      </dd>
    </div>
  );
}

interface EditorProps {
  definition: PropertyDefinition;
  value: string;
  feed: RecordFeed;
  done(): void;
}

/** Saves the typed value and shows the result in an alert. */
function useSave({ definition, feed, done }: EditorProps): { busy: boolean; save(typed: string): void } {
  const { texts, addAlert } = useShell();
  const [busy, setBusy] = useState(false);
  const { label, name } = definition;
  const save = async (typed: string): Promise<void> => {
    setBusy(true);
    const record = feed.get();
    try {
      await patchRecord(record.object_type_id, record.id, { [name]: typed.trim() });
      await feed.refresh();
      addAlert({ type: 'success', message: texts.t('record.saved', { label }) });
      done();
    } catch (error) {
      setBusy(false);
      const message = (error as Error).message;
      addAlert({ type: 'danger', title: texts.t('record.saveFailed', { label }), message });
    }
  };
  return { busy, save: (typed) => void save(typed) };
}

function PropertyEditor(props: EditorProps): ReactElement {
  const { t } = useShell().texts;
  const [typed, setTyped] = useState(props.value);
  const { busy, save } = useSave(props);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  return (
    <form
      className="hs-property-editor"
      onSubmit={(event) => {
        event.preventDefault();
        save(typed);
      }}
      onKeyDown={(event) => event.key === 'Escape' && props.done()}
    >
      <input
        ref={input}
        className="hs-input"
        type="tel"
        aria-label={props.definition.label}
        value={typed}
        disabled={busy}
        onChange={(event) => setTyped(event.target.value)}
      />
      <button
        type="submit"
        className="hs-button hs-button-primary hs-button-xs"
        aria-label={t('common.save')}
        disabled={busy}
      >
        <Check aria-hidden />
      </button>
      <button
        type="button"
        className="hs-button hs-button-secondary hs-button-xs"
        aria-label={t('common.cancel')}
        onClick={props.done}
      >
        <X aria-hidden />
      </button>
    </form>
  );
}

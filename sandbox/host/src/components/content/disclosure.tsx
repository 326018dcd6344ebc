// Accordion and tabs.

import type { AccordionProps, TabProps, TabsProps } from '@hubspot/ui-extensions';
import { ChevronRight } from 'lucide-react';
import {
  createContext,
  useContext,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactElement,
} from 'react';
import { useEchoedValue } from '../fields/form-state';
import { classes, root, size } from '../root';

export function Accordion(props: AccordionProps): ReactElement {
  const { value: open, edit } = useEchoedValue(props.open, props.defaultOpen ?? false);
  const id = useId();
  const toggle = (): void => {
    // A controlled accordion moves only when the extension changes its prop.
    if (props.open === undefined) edit(!open);
    props.onClick?.();
  };
  return (
    <div
      {...root('Accordion', props)}
      className={classes('hs-accordion', `hs-accordion-${size(props.size, 'sm')}`)}
    >
      <button
        type="button"
        className="hs-accordion-title"
        aria-expanded={open}
        aria-controls={id}
        disabled={props.disabled}
        onClick={toggle}
      >
        <ChevronRight aria-hidden className={classes('hs-caret', open && 'hs-caret-open')} />
        {props.title}
      </button>
      <div id={id} className="hs-accordion-body" hidden={!open}>
        {props.children}
      </div>
    </div>
  );
}

interface TabEntry {
  id: string | number;
  title: string;
  disabled: boolean;
  tooltip: string | undefined;
  element: HTMLElement;
}

interface TabSet {
  selected: string | number | undefined;
  baseId: string;
  register(entry: TabEntry): () => void;
}

const TabContext = createContext<TabSet | null>(null);

const byPosition = (a: TabEntry, b: TabEntry): number =>
  a.element.compareDocumentPosition(b.element) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;

export function Tabs(props: TabsProps): ReactElement {
  const [tabs, setTabs] = useState<readonly TabEntry[]>([]);
  const { value, edit } = useEchoedValue<string | number | undefined>(props.selected, props.defaultSelected);
  const baseId = useId();
  const selected = tabs.some((tab) => tab.id === value) ? value : tabs[0]?.id;
  const set = useMemo<TabSet>(
    () => ({
      selected,
      baseId,
      register(entry) {
        setTabs((before) => [...before.filter((tab) => tab.id !== entry.id), entry].sort(byPosition));
        return () => setTabs((before) => before.filter((tab) => tab !== entry));
      },
    }),
    [selected, baseId],
  );
  const choose = (id: string | number): void => {
    edit(id);
    (props.onSelectedChange as ((id: string | number) => void) | undefined)?.(id);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const usable = tabs.filter((tab) => !tab.disabled);
    const next =
      usable[(usable.findIndex((tab) => tab.id === selected) + step + usable.length) % usable.length];
    if (!next) return;
    choose(next.id);
    document.getElementById(`${baseId}-tab-${next.id}`)?.focus();
  };
  return (
    <div
      {...root('Tabs', props)}
      className={classes('hs-tabs', `hs-tabs-${props.variant ?? 'default'}`, props.fill && 'hs-tabs-fill')}
    >
      <div role="tablist" className="hs-tablist" onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${baseId}-tab-${tab.id}`}
            aria-selected={tab.id === selected}
            aria-controls={`${baseId}-panel-${tab.id}`}
            tabIndex={tab.id === selected ? 0 : -1}
            disabled={tab.disabled}
            title={tab.tooltip}
            className="hs-tab"
            onClick={() => choose(tab.id)}
          >
            {tab.title}
          </button>
        ))}
      </div>
      <TabContext.Provider value={set}>{props.children}</TabContext.Provider>
    </div>
  );
}

/** Stays mounted while hidden, so that typed text survives. */
export function Tab(props: TabProps): ReactElement {
  const set = useContext(TabContext);
  const own = useId();
  const id = props.tabId ?? own;
  const { title = '', disabled = false, tooltip } = props;
  const element = useRef<HTMLDivElement>(null);
  const register = useRef(set?.register);
  register.current = set?.register;
  useEffect(() => {
    if (!element.current) return undefined;
    return register.current?.({ id, title, disabled, tooltip, element: element.current });
  }, [id, title, disabled, tooltip]);
  return (
    <div
      {...root('Tab', props)}
      ref={element}
      role="tabpanel"
      id={`${set?.baseId}-panel-${id}`}
      aria-labelledby={`${set?.baseId}-tab-${id}`}
      hidden={set?.selected !== id}
      className="hs-tabpanel"
    >
      {props.children}
    </div>
  );
}

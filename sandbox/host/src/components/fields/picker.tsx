// The combobox behind Select and MultiSelect: a button with a list that can be searched when it is long.

import { ChevronDown } from 'lucide-react';
import {
  useId,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  type RefObject,
} from 'react';
import { FieldFrame, type FieldTexts, type InputIds } from './field-frame';
import { OptionList, type FoundOption, type Option } from './option-list';
import { Popover } from '../overlays/popover';
import { classes } from '../root';

export interface PickerProps {
  name: string;
  texts: FieldTexts;
  options: Option[];
  chosen: readonly number[];
  multiple: boolean;
  readOnly: boolean | undefined;
  transparent: boolean;
  face: ReactNode;
  onPick(index: number): void;
  onSearch?: (text: string) => void;
}

interface PickerState {
  anchor: RefObject<HTMLButtonElement>;
  open: boolean;
  search: string;
  /** Position of the highlighted option among the found ones. */
  active: number;
  found: FoundOption[];
  show(): void;
  close(): void;
  pick(index: number | undefined): void;
  setActive(active: number): void;
  setSearch(text: string): void;
}

/** Options are handled by index: values may be numbers or booleans. */
function usePicker(props: PickerProps): PickerState {
  const [open, setOpen] = useState(false);
  const [search, setSearch] = useState('');
  const [active, setActive] = useState(0);
  const anchor = useRef<HTMLButtonElement>(null);
  const close = useRef(() => setOpen(false)).current;
  const found = props.options
    .map((option, index) => ({ option, index }))
    .filter(({ option }) => option.label.toLowerCase().includes(search.toLowerCase()));
  return {
    anchor,
    open,
    search,
    active,
    found,
    close,
    setActive,
    show() {
      if (props.readOnly) return;
      setSearch('');
      setActive(Math.max(0, props.chosen[0] ?? 0));
      setOpen(true);
    },
    pick(index) {
      if (index === undefined) return;
      props.onPick(index);
      if (!props.multiple) close();
      anchor.current?.focus();
    },
    setSearch(text) {
      setSearch(text);
      setActive(0);
      props.onSearch?.(text);
    },
  };
}

/** Arrows move, Enter picks, Escape and Tab close. Returns whether the key was handled. */
function handleKey(key: string, state: PickerState): boolean {
  const { open, active, found } = state;
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (step && open) state.setActive((active + step + found.length) % Math.max(1, found.length));
  else if (step) state.show();
  else if (open && key === 'Enter') state.pick(found[active]?.index);
  else if (open && (key === 'Escape' || key === 'Tab')) {
    state.close();
    state.anchor.current?.focus();
    return key === 'Escape';
  } else return false;
  return true;
}

export function Picker(props: PickerProps): ReactElement {
  const state = usePicker(props);
  const listId = useId();
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!handleKey(event.key, state)) return;
    event.preventDefault();
    // An open list inside a panel: Escape closes the list, not the panel.
    event.stopPropagation();
  };
  return (
    <FieldFrame name={props.name} texts={props.texts}>
      {(ids) => (
        <div className="hs-input-wrap" onKeyDown={onKeyDown}>
          <PickerButton {...props} ids={ids} state={state} listId={listId} />
          <Popover anchor={state.anchor} open={state.open} onDismiss={state.close}>
            <OptionList
              id={listId}
              label={props.texts.label}
              options={props.options}
              chosen={props.chosen}
              multiple={props.multiple}
              found={state.found}
              active={state.active}
              search={state.search}
              onPick={state.pick}
              onSearch={state.setSearch}
            />
          </Popover>
        </div>
      )}
    </FieldFrame>
  );
}

interface PickerButtonProps extends PickerProps {
  ids: InputIds;
  state: PickerState;
  listId: string;
}

function PickerButton({ ids, state, listId, ...props }: PickerButtonProps): ReactElement {
  const { open, active, anchor } = state;
  return (
    <button
      {...ids}
      ref={anchor}
      type="button"
      role="combobox"
      aria-haspopup="listbox"
      aria-expanded={open}
      aria-controls={listId}
      aria-activedescendant={open ? `${listId}-${active}` : undefined}
      disabled={props.readOnly}
      className={classes('hs-input hs-select', props.transparent && 'hs-select-transparent')}
      onClick={() => (open ? state.close() : state.show())}
    >
      <span className="hs-select-face">{props.face}</span>
      <ChevronDown aria-hidden className="hs-caret" />
    </button>
  );
}

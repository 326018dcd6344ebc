// The open list of a picker, with a search field when the list is long.

import { Check } from 'lucide-react';
import { useEffect, useRef, type ReactElement } from 'react';
import { useScope } from '../../extension/scope';
import { classes } from '../root';

const SEARCH_FROM = 8;

export type OptionValue = string | number | boolean;

export interface Option {
  label: string;
  value: OptionValue;
}

export interface FoundOption {
  option: Option;
  /** Position among all options. */
  index: number;
}

interface OptionListProps {
  id: string;
  label: string | undefined;
  options: Option[];
  chosen: readonly number[];
  multiple: boolean;
  found: FoundOption[];
  active: number;
  search: string;
  onPick(index: number): void;
  onSearch(text: string): void;
}

export function OptionList(props: OptionListProps): ReactElement {
  const { id, found, active, chosen } = props;
  const { t } = useScope().texts;
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (list.current) showOption(list.current, active);
  }, [active]);
  return (
    <>
      {props.options.length >= SEARCH_FROM && <OptionSearch value={props.search} onSearch={props.onSearch} />}
      <ul
        ref={list}
        id={id}
        role="listbox"
        aria-label={props.label}
        aria-multiselectable={props.multiple || undefined}
        className="hs-options"
      >
        {found.map(({ option, index }, position) => (
          <li
            key={index}
            id={`${id}-${position}`}
            role="option"
            aria-selected={chosen.includes(index)}
            className={classes('hs-option', position === active && 'hs-option-active')}
            // Keeps the focus where it is, so that the field is not left while choosing.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => props.onPick(index)}
          >
            <span>{option.label}</span>
            {chosen.includes(index) && <Check aria-hidden />}
          </li>
        ))}
        {found.length === 0 && <li className="hs-option hs-option-none">{t('component.noOptions')}</li>}
      </ul>
    </>
  );
}

function OptionSearch({ value, onSearch }: { value: string; onSearch(text: string): void }): ReactElement {
  const { t } = useScope().texts;
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <div className="hs-options-search">
      <input
        ref={input}
        className="hs-input"
        type="text"
        value={value}
        aria-label={t('common.search')}
        placeholder={t('common.search')}
        onChange={(event) => onSearch(event.target.value)}
      />
    </div>
  );
}

/** Scrolls the list only; scrollIntoView would scroll the page as well. */
function showOption(list: HTMLElement, index: number): void {
  const option = list.children[index] as HTMLElement | undefined;
  if (!option) return;
  const top = option.offsetTop;
  const bottom = top + option.offsetHeight;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
}

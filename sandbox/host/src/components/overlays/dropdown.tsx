// A button with a menu.

import type { DropdownButtonItemProps, DropdownProps } from '@hubspot/ui-extensions';
import { ChevronDown } from 'lucide-react';
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactElement } from 'react';
import { useScope } from '../../extension/scope';
import { useOverlaySlot } from '../actions/links';
import { Popover } from './popover';
import { classes, root, size } from '../root';
import { useClick } from '../actions/use-click';

function moveInMenu(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=menuitem]')];
  const next = items.indexOf(document.activeElement as HTMLElement) + step;
  items[(next + items.length) % items.length]?.focus();
}

export function Dropdown(props: DropdownProps): ReactElement {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const menuId = useId();
  const { texts } = useScope();
  const close = useRef(() => setOpen(false)).current;
  useEffect(() => {
    if (open) menu.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
  }, [open]);
  const className = classes(
    'hs-button',
    `hs-button-${props.variant ?? 'secondary'}`,
    `hs-button-${size(props.buttonSize, 'md')}`,
  );
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    moveInMenu(event);
    if (event.key !== 'Escape' && event.key !== 'Tab') return;
    if (event.key === 'Escape') event.stopPropagation();
    close();
    anchor.current?.focus();
  };
  return (
    <span {...root('Dropdown', props)} className="hs-dropdown">
      <button
        ref={anchor}
        type="button"
        className={className}
        disabled={props.disabled}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={menuId}
        onClick={() => setOpen(!open)}
      >
        {props.buttonText ?? texts.t('component.actions')}
        <ChevronDown aria-hidden className="hs-caret" />
      </button>
      {/* The items' overlays outlast the open menu. */}
      <Popover anchor={anchor} open={open} onDismiss={close} minWidth={160} keepMounted>
        <div ref={menu} id={menuId} role="menu" className="hs-menu" onKeyDown={onKeyDown} onClick={close}>
          {props.options?.map((option) => (
            <button
              key={option.label}
              type="button"
              role="menuitem"
              className="hs-menu-item"
              onClick={() => option.onClick?.()}
            >
              {option.label}
            </button>
          ))}
          {props.children}
        </div>
      </Popover>
    </span>
  );
}

export function DropdownButtonItem(props: DropdownButtonItemProps): ReactElement {
  const overlay = useOverlaySlot(props.overlay);
  const press = useClick(props.onClick, () => overlay.open());
  return (
    <>
      <button
        {...root('DropdownButtonItem', props)}
        type="button"
        role="menuitem"
        className="hs-menu-item"
        onClick={press}
      >
        {props.children}
      </button>
      {overlay.slot}
    </>
  );
}

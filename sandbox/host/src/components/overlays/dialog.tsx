// The shared part of panels, modals and the page's own dialogs: focus stays inside, Escape closes, focus returns.

import { X } from 'lucide-react';
import {
  useEffect,
  useId,
  useRef,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  type SyntheticEvent,
} from 'react';
import { createPortal } from 'react-dom';
import { useTexts } from '../../pages/shell/shell-state';
import { classes } from '../root';

const FOCUSABLE =
  'a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), iframe, [tabindex]:not([tabindex="-1"])';

const FIELD = 'input, select, textarea, [role=combobox], [role=switch]';

interface DialogProps {
  isOpen: boolean;
  isTop: boolean;
  close(): void;
  attributes?: object;
  className: string;
  backdrop: 'dark' | 'clear';
  title: string | undefined;
  label: string | undefined;
  onOpen?: () => void;
  onClose?: () => void;
  children: ReactNode;
}

function focusables(dialog: HTMLElement): HTMLElement[] {
  return [...dialog.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(
    (element) => element.getClientRects().length > 0,
  );
}

/** Moves the focus into the dialog when it opens, and back when it closes. */
function useFocusInside(dialog: React.RefObject<HTMLElement>, isOpen: boolean): void {
  useEffect(() => {
    if (!isOpen || !dialog.current) return undefined;
    const before = document.activeElement as HTMLElement | null;
    // The first field, not a help button before it; without a field, the dialog itself.
    (focusables(dialog.current).find((element) => element.matches(FIELD)) ?? dialog.current).focus();
    return () => before?.focus();
  }, [dialog, isOpen]);
}

/** Calls the extension's handlers for opening and closing, once each. */
function useOpenEvents(isOpen: boolean, onOpen?: () => void, onClose?: () => void): void {
  const handlers = useRef({ onOpen, onClose });
  handlers.current = { onOpen, onClose };
  useEffect(() => {
    if (!isOpen) return undefined;
    handlers.current.onOpen?.();
    return () => handlers.current.onClose?.();
  }, [isOpen]);
}

/** The focused element may vanish (a button becomes a spinner). Keys would then go to the page behind. */
function useKeysWithoutFocus(dialog: React.RefObject<HTMLElement>, active: boolean, close: () => void): void {
  useEffect(() => {
    if (!active) return undefined;
    const onKeyDown = (event: globalThis.KeyboardEvent): void => {
      if (document.activeElement !== document.body) return;
      if (event.key === 'Escape') close();
      if (event.key === 'Tab') {
        event.preventDefault();
        dialog.current?.focus();
      }
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [dialog, active, close]);
}

const stop = (event: SyntheticEvent): void => event.stopPropagation();

export function Dialog(props: DialogProps): ReactElement | null {
  const { isOpen, isTop, close, title, label } = props;
  const dialog = useRef<HTMLDivElement>(null);
  const titleId = useId();
  const { t } = useTexts();
  useFocusInside(dialog, isOpen);
  useOpenEvents(isOpen, props.onOpen, props.onClose);
  useKeysWithoutFocus(dialog, isOpen && isTop, close);
  if (!isOpen) return null;
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.key === 'Escape') close();
    if (event.key !== 'Tab' || !dialog.current) return;
    const inside = focusables(dialog.current);
    const edge = event.shiftKey ? inside[0] : inside.at(-1);
    if (document.activeElement !== edge && document.activeElement !== dialog.current) return;
    event.preventDefault();
    (event.shiftKey ? inside.at(-1) : inside[0])?.focus();
  };
  return createPortal(
    // React events bubble from the portal into the button or form that owns the overlay: they stop here.
    <div
      className={classes('hs-backdrop', `hs-backdrop-${props.backdrop}`)}
      onClick={stop}
      onSubmit={stop}
      onChange={stop}
      onFocus={stop}
      onBlur={stop}
    >
      <div
        {...props.attributes}
        ref={dialog}
        role="dialog"
        aria-modal="true"
        aria-labelledby={title && !label ? titleId : undefined}
        aria-label={label}
        tabIndex={-1}
        className={props.className}
        onKeyDown={onKeyDown}
      >
        <div className="hs-dialog-header">
          <h2 id={titleId}>{title}</h2>
          <button type="button" className="hs-dialog-close" aria-label={t('common.close')} onClick={close}>
            <X aria-hidden />
          </button>
        </div>
        {props.children}
      </div>
    </div>,
    document.body,
  );
}

// A list that opens under its anchor, above everything else, and never leaves the window.

import {
  useLayoutEffect,
  useState,
  type CSSProperties,
  type ReactElement,
  type ReactNode,
  type RefObject,
} from 'react';
import { createPortal } from 'react-dom';

const GAP_PX = 4;
const MARGIN_PX = 8;
const MAX_HEIGHT_PX = 320;

/** Fixed coordinates beside `anchor`: below it, or above when there is more room. */
function place(anchor: Element, minWidth: number): CSSProperties {
  const box = anchor.getBoundingClientRect();
  const below = window.innerHeight - box.bottom - GAP_PX - MARGIN_PX;
  const above = box.top - GAP_PX - MARGIN_PX;
  const upwards = below < 160 && above > below;
  const width = Math.max(box.width, minWidth);
  return {
    position: 'fixed',
    left: Math.max(MARGIN_PX, Math.min(box.left, window.innerWidth - width - MARGIN_PX)),
    ...(upwards
      ? { top: 'auto', bottom: window.innerHeight - box.top + GAP_PX }
      : { top: box.bottom + GAP_PX }),
    minWidth: width,
    maxHeight: Math.min(MAX_HEIGHT_PX, upwards ? above : below),
  };
}

interface PopoverProps {
  anchor: RefObject<Element>;
  open: boolean;
  /** Called on a press outside of anchor and popover. */
  onDismiss(): void;
  minWidth?: number;
  /** Keeps the children mounted while closed. */
  keepMounted?: boolean;
  children: ReactNode;
}

export function Popover({
  anchor,
  open,
  onDismiss,
  minWidth = 0,
  keepMounted,
  children,
}: PopoverProps): ReactElement | null {
  const [style, setStyle] = useState<CSSProperties>({});
  const [element, setElement] = useState<HTMLDivElement | null>(null);
  useLayoutEffect(() => {
    if (!open || !anchor.current) return;
    const update = (): void => {
      if (anchor.current) setStyle(place(anchor.current, minWidth));
    };
    const press = (event: Event): void => {
      const target = event.target as Node;
      if (!anchor.current?.contains(target) && !element?.contains(target)) onDismiss();
    };
    update();
    window.addEventListener('resize', update);
    window.addEventListener('scroll', update, true);
    document.addEventListener('pointerdown', press, true);
    return () => {
      window.removeEventListener('resize', update);
      window.removeEventListener('scroll', update, true);
      document.removeEventListener('pointerdown', press, true);
    };
  }, [open, anchor, element, minWidth, onDismiss]);
  if (!open && !keepMounted) return null;
  return createPortal(
    <div ref={setElement} className="hs-popover" style={style} hidden={!open}>
      {children}
    </div>,
    document.body,
  );
}

// Tooltips: shown on hover and on keyboard focus, hidden with Escape.

import type { TooltipProps } from '@hubspot/ui-extensions';
import {
  useId,
  useLayoutEffect,
  useRef,
  useState,
  type CSSProperties,
  type HTMLAttributes,
  type ReactElement,
  type ReactNode,
  type RefObject,
} from 'react';
import { createPortal } from 'react-dom';
import { useTooltipOwner, type OverlaySlot, type TooltipContent } from '../actions/links';
import { root } from '../root';

const GAP_PX = 8;

type Placement = TooltipContent['placement'];

/** Fixed coordinates beside the anchor; the bubble is moved back by its own size with `transform`. */
function place(anchor: Element, placement: Placement): CSSProperties {
  const box = anchor.getBoundingClientRect();
  const middle = { left: box.left + box.width / 2, top: box.top + box.height / 2 };
  switch (placement) {
    case 'bottom':
      return { left: middle.left, top: box.bottom + GAP_PX, transform: 'translateX(-50%)' };
    case 'left':
      return { left: box.left - GAP_PX, top: middle.top, transform: 'translate(-100%, -50%)' };
    case 'right':
      return { left: box.right + GAP_PX, top: middle.top, transform: 'translateY(-50%)' };
    case 'top':
      return { left: middle.left, top: box.top - GAP_PX, transform: 'translate(-50%, -100%)' };
  }
}

interface BubbleProps {
  id: string;
  anchor: RefObject<Element>;
  placement: Placement;
  children: ReactNode;
}

/** Drawn in the body, so that no scrolling panel cuts it off. */
function Bubble({ id, anchor, placement, children }: BubbleProps): ReactElement {
  const [style, setStyle] = useState<CSSProperties>({});
  useLayoutEffect(() => {
    if (anchor.current) setStyle(place(anchor.current, placement));
  }, [anchor, placement]);
  return createPortal(
    <span role="tooltip" id={id} data-hs="Tooltip" className="hs-tooltip" style={style}>
      {children}
    </span>,
    document.body,
  );
}

function useShown(): [boolean, HTMLAttributes<HTMLElement>] {
  const [shown, setShown] = useState(false);
  const handlers: HTMLAttributes<HTMLElement> = {
    onMouseEnter: () => setShown(true),
    onMouseLeave: () => setShown(false),
    onFocus: () => setShown(true),
    onBlur: () => setShown(false),
    onKeyDown: (event) => event.key === 'Escape' && setShown(false),
  };
  return [shown, handlers];
}

/** As `overlay={<Tooltip>…}` it belongs to the surrounding component; alone it is plain text. */
export function Tooltip(props: TooltipProps): ReactElement | null {
  const owned = useTooltipOwner({ content: props.children, placement: props.placement ?? 'top' });
  return owned ? null : <span {...root('Tooltip', props)}>{props.children}</span>;
}

interface WithTooltipProps {
  slot: OverlaySlot;
  children: (attributes: HTMLAttributes<HTMLElement>) => ReactNode;
}

/** Wraps a clickable element that may have a tooltip. */
export function WithTooltip({ slot, children }: WithTooltipProps): ReactElement {
  const [shown, handlers] = useShown();
  const anchor = useRef<HTMLSpanElement>(null);
  const { tooltip, tooltipId } = slot;
  if (!tooltip) return <>{children({})}</>;
  return (
    <span ref={anchor} className="hs-tooltip-anchor" {...handlers}>
      {children({ 'aria-describedby': shown ? tooltipId : undefined })}
      {shown && (
        <Bubble id={tooltipId} anchor={anchor} placement={tooltip.placement}>
          {tooltip.content}
        </Bubble>
      )}
    </span>
  );
}

/** A small "i" beside a field's label. */
export function FieldTooltip({ text }: { text: string }): ReactElement {
  const [shown, handlers] = useShown();
  const anchor = useRef<HTMLButtonElement>(null);
  const id = useId();
  return (
    <>
      <button ref={anchor} type="button" className="hs-field-tooltip-button" aria-label={text} {...handlers}>
        i
      </button>
      {shown && (
        <Bubble id={id} anchor={anchor} placement="top">
          {text}
        </Bubble>
      )}
    </>
  );
}

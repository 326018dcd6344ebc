// The rules for link targets, and the overlay that a clickable component opens.

import type { HrefProp } from '@hubspot/ui-extensions';
import { createContext, useContext, useEffect, useId, useMemo, useState, type ReactNode } from 'react';
import { useScope } from '../../extension/scope';

const ALLOWED = /^(https?:|mailto:|tel:|\/(?!\/))/i;

export interface Target {
  href: string | undefined;
  target: '_blank' | undefined;
  rel: string | undefined;
}

/** Refuses `javascript:` and other schemes; foreign sites open in a new tab, as in HubSpot. */
export function linkTarget(href: HrefProp | undefined): Target {
  const url = typeof href === 'string' ? href : href?.url;
  if (!url || !ALLOWED.test(url)) return { href: undefined, target: undefined, rel: undefined };
  const foreign = /^https?:/i.test(url) && new URL(url).origin !== window.location.origin;
  const external = typeof href === 'object' && href.external !== undefined ? href.external : foreign;
  return external
    ? { href: url, target: '_blank', rel: 'noopener noreferrer' }
    : { href: url, target: undefined, rel: undefined };
}

interface Owner {
  register(id: string): () => void;
  registerTooltip(content: TooltipContent): () => void;
}

export interface TooltipContent {
  content: ReactNode;
  placement: 'top' | 'bottom' | 'left' | 'right';
}

const OwnerContext = createContext<Owner | null>(null);

/** Panel and Modal report their id to the component that opens them as its `overlay`. */
export function useOverlayOwner(id: string): void {
  const owner = useContext(OwnerContext);
  useEffect(() => owner?.register(id), [owner, id]);
}

export function useTooltipOwner(tooltip: TooltipContent): boolean {
  const owner = useContext(OwnerContext);
  const { content, placement } = tooltip;
  useEffect(() => owner?.registerTooltip({ content, placement }), [owner, content, placement]);
  return owner !== null;
}

export interface OverlaySlot {
  /** The overlay fragment; draw it beside the clickable element. */
  slot: ReactNode;
  /** Opens the panels and modals of the fragment. Returns whether there was one. */
  open(): boolean;
  tooltip: TooltipContent | null;
  tooltipId: string;
}

/** For a component with an `overlay` prop. */
export function useOverlaySlot(overlay: ReactNode): OverlaySlot {
  const { overlays } = useScope();
  const [ids, setIds] = useState<readonly string[]>([]);
  const [tooltip, setTooltip] = useState<TooltipContent | null>(null);
  const tooltipId = useId();
  const owner = useMemo<Owner>(
    () => ({
      register(id) {
        setIds((before) => [...before, id]);
        return () => setIds((before) => before.filter((other) => other !== id));
      },
      registerTooltip(content) {
        setTooltip(content);
        return () => setTooltip(null);
      },
    }),
    [],
  );
  const slot =
    overlay === undefined ? null : <OwnerContext.Provider value={owner}>{overlay}</OwnerContext.Provider>;
  const open = (): boolean => {
    ids.forEach(overlays.open);
    return ids.length > 0;
  };
  return { slot, open, tooltip, tooltipId };
}

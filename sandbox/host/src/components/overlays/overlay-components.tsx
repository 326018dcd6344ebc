// Panels (from the right) and modals (in the middle): opened by id, drawn above the page, left with Escape.

import type {
  ModalBodyProps,
  ModalFooterProps,
  ModalProps,
  PanelBodyProps,
  PanelFooterProps,
  PanelProps,
  PanelSectionProps,
} from '@hubspot/ui-extensions';
import type { ReactElement } from 'react';
import { useOverlay, useScope } from '../../extension/scope';
import { Dialog } from './dialog';
import { FormContext } from '../fields/form-state';
import { useOverlayOwner } from '../actions/links';
import { classes, root, size } from '../root';

function useOpenOverlay(id: string): { isOpen: boolean; isTop: boolean; close(): void } {
  const { overlays } = useScope();
  useOverlayOwner(id);
  return { ...useOverlay(id), close: () => overlays.close(id) };
}

export function Panel(props: PanelProps): ReactElement | null {
  const { isOpen, isTop, close } = useOpenOverlay(props.id);
  return (
    <Dialog
      {...{ isOpen, isTop, close }}
      attributes={root('Panel', props)}
      className={classes('hs-panel', `hs-panel-${size(props.width, 'sm')}`)}
      backdrop={props.variant === 'modal' ? 'dark' : 'clear'}
      title={props.title}
      label={props['aria-label']}
      onOpen={props.onOpen}
      onClose={props.onClose}
    >
      {/* An overlay is no part of the form its button stands in. */}
      <FormContext.Provider value={null}>{props.children}</FormContext.Provider>
    </Dialog>
  );
}

export function PanelBody(props: PanelBodyProps): ReactElement {
  return (
    <div {...root('PanelBody', props)} className="hs-dialog-body" tabIndex={-1}>
      {props.children}
    </div>
  );
}

export function PanelSection(props: PanelSectionProps): ReactElement {
  return (
    <section
      {...root('PanelSection', props)}
      className={classes('hs-panel-section', props.flush && 'hs-flush')}
    >
      {props.children}
    </section>
  );
}

export function PanelFooter(props: PanelFooterProps): ReactElement {
  return (
    <div {...root('PanelFooter', props)} className="hs-dialog-footer">
      {props.children}
    </div>
  );
}

export function Modal(props: ModalProps): ReactElement | null {
  const { isOpen, isTop, close } = useOpenOverlay(props.id);
  return (
    <Dialog
      {...{ isOpen, isTop, close }}
      attributes={root('Modal', props)}
      className={classes(
        'hs-modal',
        `hs-modal-${size(props.width, 'sm')}`,
        props.variant === 'danger' && 'hs-modal-danger',
      )}
      backdrop="dark"
      title={props.title}
      label={props['aria-label']}
      onOpen={props.onOpen}
      onClose={props.onClose}
    >
      {/* An overlay is no part of the form its button stands in. */}
      <FormContext.Provider value={null}>{props.children}</FormContext.Provider>
    </Dialog>
  );
}

export function ModalBody(props: ModalBodyProps): ReactElement {
  return (
    <div {...root('ModalBody', props)} className="hs-dialog-body" tabIndex={-1}>
      {props.children}
    </div>
  );
}

export function ModalFooter(props: ModalFooterProps): ReactElement {
  return (
    <div {...root('ModalFooter', props)} className="hs-dialog-footer">
      {props.children}
    </div>
  );
}

// Buttons. The `overlay` opens after the extension's own handler has been called.

import type { ButtonProps, ButtonRowProps, LoadingButtonProps } from '@hubspot/ui-extensions';
import { useEffect, useRef, useState, type HTMLAttributes, type MouseEvent, type ReactElement } from 'react';
import { glyph } from '../content/icons';
import { linkTarget, useOverlaySlot } from './links';
import { classes, root, size } from '../root';
import { WithTooltip } from '../overlays/tooltips';
import { useClick } from './use-click';

interface FaceProps extends Omit<ButtonProps, 'overlay' | 'size'> {
  name: string;
  busy?: boolean;
  buttonSize: string;
  attributes: HTMLAttributes<HTMLElement>;
  press(event: MouseEvent): void;
}

/** The visible button: a link when it has an href. */
function ButtonFace({ name, busy, buttonSize, attributes, press, ...props }: FaceProps): ReactElement {
  const className = classes(
    'hs-button',
    `hs-button-${props.variant ?? 'secondary'}`,
    `hs-button-${buttonSize}`,
    props.truncate && 'hs-truncate',
  );
  const { href, target, rel } = linkTarget(props.href);
  const common = { ...root(name, props), ...attributes, className, onClick: press };
  if (href && !props.disabled) {
    return (
      <a {...common} href={href} target={target} rel={rel}>
        {props.children}
      </a>
    );
  }
  return (
    <button
      {...common}
      type={props.type ?? 'button'}
      disabled={props.disabled || busy}
      aria-busy={busy || undefined}
    >
      {busy && <span className="hs-spinner hs-spinner-button" aria-hidden />}
      {props.children}
    </button>
  );
}

export function Button(props: ButtonProps): ReactElement {
  const overlay = useOverlaySlot(props.overlay);
  const press = useClick(props.onClick, () => overlay.open());
  return (
    <>
      <WithTooltip slot={overlay}>
        {(attributes) => (
          <ButtonFace
            {...props}
            name="Button"
            buttonSize={size(props.size, 'md')}
            attributes={attributes}
            press={press}
          />
        )}
      </WithTooltip>
      {overlay.slot}
    </>
  );
}

/** Calls `onFinish` whenever a loading ends; returns whether one has ended. */
function useFinished(loading: boolean, onFinish: () => void): boolean {
  const [finished, setFinished] = useState(false);
  const wasLoading = useRef(loading);
  const latest = useRef(onFinish);
  latest.current = onFinish;
  useEffect(() => {
    if (wasLoading.current && !loading) {
      setFinished(true);
      latest.current();
    }
    wasLoading.current = loading;
  }, [loading]);
  return finished;
}

export function LoadingButton(props: LoadingButtonProps): ReactElement {
  const { loading = false, overlayOptions, resultIconName } = props;
  const overlay = useOverlaySlot(props.overlay);
  const opensLate = overlayOptions?.openBehavior === 'onLoadingFinish';
  const finished = useFinished(loading, () => {
    if (opensLate) overlay.open();
  });
  const press = useClick(props.onClick, () => {
    if (!opensLate) overlay.open();
  });
  const Result = resultIconName && glyph(resultIconName);
  return (
    <>
      <WithTooltip slot={overlay}>
        {(attributes) => (
          <ButtonFace
            {...props}
            name="LoadingButton"
            busy={loading}
            buttonSize={size(props.size, 'md')}
            attributes={attributes}
            press={press}
          >
            {props.children}
            {finished && !loading && Result && <Result aria-hidden className="hs-button-result" />}
          </ButtonFace>
        )}
      </WithTooltip>
      {overlay.slot}
    </>
  );
}

export function ButtonRow(props: ButtonRowProps): ReactElement {
  return (
    <div {...root('ButtonRow', props)} className="hs-button-row">
      {props.children}
    </div>
  );
}

// Links and images.

import type { ImageProps, LinkProps } from '@hubspot/ui-extensions';
import type { ReactElement } from 'react';
import { linkTarget, useOverlaySlot } from './links';
import { classes, root } from '../root';
import { WithTooltip } from '../overlays/tooltips';
import { useClick } from './use-click';

export function Link(props: LinkProps): ReactElement {
  const overlay = useOverlaySlot(props.overlay);
  const press = useClick(props.onClick, (event) => {
    if (overlay.open() || props.preventDefault) event.preventDefault();
  });
  const { href, target, rel } = linkTarget(props.href);
  const className = classes('hs-link', `hs-link-${props.variant ?? 'primary'}`);
  return (
    <>
      <WithTooltip slot={overlay}>
        {(attributes) =>
          href ? (
            <a
              {...root('Link', props)}
              {...attributes}
              className={className}
              href={href}
              target={target}
              rel={rel}
              onClick={press}
            >
              {props.children}
            </a>
          ) : (
            <button
              {...root('Link', props)}
              {...attributes}
              type="button"
              className={className}
              onClick={press}
            >
              {props.children}
            </button>
          )
        }
      </WithTooltip>
      {overlay.slot}
    </>
  );
}

/** HubSpot accepts http(s) and data URLs only. */
const IMAGE_SOURCE = /^(https?:|data:image\/)/i;

export function Image(props: ImageProps): ReactElement {
  const overlay = useOverlaySlot(props.overlay);
  const press = useClick(props.onClick, () => overlay.open());
  const { href, target, rel } = linkTarget(props.href);
  const source = IMAGE_SOURCE.test(props.src) ? props.src : undefined;
  const image = (
    <img
      {...root('Image', props)}
      className="hs-image"
      src={source}
      alt={props.alt ?? ''}
      width={props.width}
      height={props.height}
    />
  );
  const clickable = props.onClick !== undefined || props.overlay !== undefined;
  return (
    <>
      {href ? (
        <a href={href} target={target} rel={rel} onClick={press}>
          {image}
        </a>
      ) : clickable ? (
        <button type="button" className="hs-plain-button" onClick={press}>
          {image}
        </button>
      ) : (
        image
      )}
      {overlay.slot}
    </>
  );
}

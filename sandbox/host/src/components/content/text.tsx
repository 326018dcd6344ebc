// Text, headings, links, images, icons, lists.

import type {
  DescriptionListItemProps,
  DescriptionListProps,
  HeadingProps,
  IconProps,
  ListProps,
  TextProps,
} from '@hubspot/ui-extensions';
import { Children, type CSSProperties, type ReactElement } from 'react';
import { useScope } from '../../extension/scope';
import { glyph } from './icons';
import { classes, root, size } from '../root';

const WEIGHTS: Record<string, number> = { regular: 300, demibold: 600, bold: 600 };
const DECORATIONS: Record<string, string> = {
  none: 'none',
  underline: 'underline',
  strikethrough: 'line-through',
};

export function Text(props: TextProps): ReactElement {
  const { variant = 'bodytext', inline, format = {}, truncate } = props;
  const sentence = format.textTransform === 'sentenceCase';
  const style: CSSProperties = {
    fontWeight: format.fontWeight && WEIGHTS[format.fontWeight],
    fontStyle: format.italic ? 'italic' : undefined,
    textDecoration: format.lineDecoration && DECORATIONS[format.lineDecoration],
    textTransform: sentence ? undefined : (format.textTransform as CSSProperties['textTransform']),
    maxWidth: typeof truncate === 'object' ? truncate.maxWidth : undefined,
  };
  const className = classes(
    'hs-text',
    `hs-text-${variant}`,
    truncate && 'hs-truncate',
    sentence && 'hs-sentence-case',
  );
  const Element = inline ? 'span' : 'div';
  const title = typeof truncate === 'object' ? truncate.tooltipText : undefined;
  return (
    <Element {...root('Text', props)} className={className} style={style} title={title}>
      {props.children}
    </Element>
  );
}

export function Heading(props: HeadingProps): ReactElement {
  const className = classes('hs-heading', props.inline && 'hs-inline');
  const Element = `h${useScope().headingLevel}` as const;
  return (
    <Element {...root('Heading', props)} className={className}>
      {props.children}
    </Element>
  );
}

export function Icon(props: IconProps): ReactElement {
  const Glyph = glyph(props.name);
  const label = props.screenReaderText;
  const className = classes(
    'hs-icon',
    `hs-icon-${props.color ?? 'inherit'}`,
    `hs-icon-${size(props.size, 'sm')}`,
  );
  return (
    <span
      {...root('Icon', props)}
      className={className}
      data-icon={props.name}
      role={label ? 'img' : undefined}
      aria-label={label}
    >
      <Glyph aria-hidden focusable={false} />
    </span>
  );
}

export function List(props: ListProps): ReactElement {
  const { variant = 'unordered' } = props;
  const Element = variant.startsWith('ordered') ? 'ol' : 'ul';
  return (
    <Element {...root('List', props)} className={classes('hs-list', `hs-list-${variant}`)}>
      {Children.map(props.children, (child) => (
        <li>{child}</li>
      ))}
    </Element>
  );
}

export function DescriptionList(props: DescriptionListProps): ReactElement {
  const className = classes('hs-descriptions', `hs-descriptions-${props.direction ?? 'column'}`);
  return (
    <dl {...root('DescriptionList', props)} className={className}>
      {props.children}
    </dl>
  );
}

export function DescriptionListItem(props: DescriptionListItemProps): ReactElement {
  return (
    <div {...root('DescriptionListItem', props)} className="hs-description">
      <dt>{props.label}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

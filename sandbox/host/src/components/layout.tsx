// Components that only place their children.

import type {
  AutoGridProps,
  BoxProps,
  CardProps,
  DividerProps,
  FlexProps,
  InlineProps,
  SpacerProps,
  StackProps,
  TileProps,
} from '@hubspot/ui-extensions';
import type { CSSProperties, ReactElement } from 'react';
import { classes, root, space } from './root';

const JUSTIFY: Record<string, string> = {
  start: 'flex-start',
  end: 'flex-end',
  center: 'center',
  around: 'space-around',
  between: 'space-between',
};
const ALIGN: Record<string, string> = {
  start: 'flex-start',
  end: 'flex-end',
  center: 'center',
  baseline: 'baseline',
  stretch: 'stretch',
  auto: 'auto',
};

export function Flex(props: FlexProps): ReactElement {
  const style: CSSProperties = {
    flexDirection: props.direction ?? 'row',
    justifyContent: JUSTIFY[props.justify ?? 'start'],
    alignItems: ALIGN[props.align ?? 'stretch'],
    alignSelf: props.alignSelf && ALIGN[props.alignSelf],
    flexWrap: props.wrap === true || props.wrap === 'wrap' ? 'wrap' : 'nowrap',
    gap: space(props.gap),
  };
  return (
    <div {...root('Flex', props)} className="hs-flex" style={style}>
      {props.children}
    </div>
  );
}

export function Inline(props: InlineProps): ReactElement {
  const style: CSSProperties = {
    justifyContent: JUSTIFY[props.justify ?? 'start'],
    alignItems: ALIGN[props.align ?? 'center'],
    flexWrap: 'wrap',
    gap: space(props.gap ?? 'sm'),
  };
  return (
    <div {...root('Inline', props)} className="hs-flex" style={style}>
      {props.children}
    </div>
  );
}

export function Stack(props: StackProps): ReactElement {
  const style: CSSProperties = {
    flexDirection: props.direction ?? 'column',
    justifyContent: JUSTIFY[props.justify ?? 'start'],
    alignItems: ALIGN[props.align ?? 'stretch'],
    gap: space(props.distance ?? 'small'),
    width: props.width ?? '100%',
  };
  return (
    <div {...root('Stack', props)} className="hs-flex" style={style}>
      {props.children}
    </div>
  );
}

export function Box(props: BoxProps): ReactElement {
  const style: CSSProperties = {
    flex: props.flex ?? 'initial',
    alignSelf: ALIGN[props.alignSelf ?? 'auto'],
  };
  return (
    <div {...root('Box', props)} className="hs-box" style={style}>
      {props.children}
    </div>
  );
}

export function AutoGrid(props: AutoGridProps): ReactElement {
  const width = props.flexible ? `minmax(min(${props.columnWidth}px, 100%), 1fr)` : `${props.columnWidth}px`;
  const style: CSSProperties = {
    gridTemplateColumns: `repeat(auto-fill, ${width})`,
    gap: space(props.gap),
  };
  return (
    <div {...root('AutoGrid', props)} className="hs-grid" style={style}>
      {props.children}
    </div>
  );
}

export function Divider(props: DividerProps): ReactElement {
  const distance = space(props.distance ?? props.size ?? 'medium');
  return <hr {...root('Divider', props)} className="hs-divider" style={{ marginBlock: distance }} />;
}

export function Spacer(props: SpacerProps): ReactElement {
  return <div {...root('Spacer', props)} aria-hidden style={{ height: space(props.size ?? 'small') }} />;
}

export function Tile(props: TileProps): ReactElement {
  const className = classes('hs-tile', props.compact && 'hs-tile-compact', props.flush && 'hs-tile-flush');
  return (
    <div {...root('Tile', props)} className={className}>
      {props.children}
    </div>
  );
}

export function Card(props: CardProps): ReactElement {
  return (
    <div {...root('Card', props)} className="hs-card">
      {props.children}
    </div>
  );
}

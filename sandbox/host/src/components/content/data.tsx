// Tables and figures.

import type {
  StatisticsItemProps,
  StatisticsProps,
  StatisticsTrendProps,
  TableCellProps,
  TableElementProps,
  TableHeaderProps,
  TableProps,
} from '@hubspot/ui-extensions';
import { ArrowDown, ArrowUp, ArrowUpDown, ChevronLeft, ChevronRight } from 'lucide-react';
import { createContext, useContext, type CSSProperties, type ReactElement } from 'react';
import { useScope } from '../../extension/scope';
import { useEchoedValue } from '../fields/form-state';
import { classes, root } from '../root';

type SortedHeader = Extract<TableHeaderProps, { onSortChange: unknown }>;
type Paginated = Extract<TableProps, { paginated: true }>;

export function Table(props: TableProps): ReactElement {
  const className = classes(
    'hs-table',
    props.bordered !== false && 'hs-table-bordered',
    `hs-table-${props.density ?? 'default'}`,
  );
  return (
    <div {...root('Table', props)} className={classes('hs-table-frame', props.flush && 'hs-table-flush')}>
      <div className="hs-table-scroll">
        <table className={className}>{props.children}</table>
      </div>
      {props.paginated && <Pagination {...props} />}
    </div>
  );
}

/** Pages count from 1. */
function Pagination(props: Paginated): ReactElement {
  const { t } = useScope().texts;
  const { value: page, edit } = useEchoedValue(props.page, 1);
  const go = (next: number): void => {
    edit(next);
    props.onPageChange(next);
  };
  const span = Math.min(props.maxVisiblePageButtons ?? 5, props.pageCount);
  const first = Math.max(1, Math.min(page - Math.floor(span / 2), props.pageCount - span + 1));
  const pages = Array.from({ length: span }, (_, index) => first + index);
  const labels = props.showButtonLabels !== false;
  return (
    <nav className="hs-pages" aria-label={t('component.page', { page, count: props.pageCount })}>
      {props.showFirstLastButtons && (
        <button type="button" disabled={page <= 1} onClick={() => go(1)}>
          {t('component.first')}
        </button>
      )}
      <button
        type="button"
        disabled={page <= 1}
        aria-label={t('component.previous')}
        onClick={() => go(page - 1)}
      >
        <ChevronLeft aria-hidden /> {labels && t('component.previous')}
      </button>
      {pages.map((each) => (
        <button
          key={each}
          type="button"
          aria-current={each === page ? 'page' : undefined}
          onClick={() => go(each)}
        >
          {each}
        </button>
      ))}
      <button
        type="button"
        disabled={page >= props.pageCount}
        aria-label={t('component.next')}
        onClick={() => go(page + 1)}
      >
        {labels && t('component.next')} <ChevronRight aria-hidden />
      </button>
      {props.showFirstLastButtons && (
        <button type="button" disabled={page >= props.pageCount} onClick={() => go(props.pageCount)}>
          {t('component.last')}
        </button>
      )}
    </nav>
  );
}

const HeadContext = createContext(false);

export function TableHead(props: TableElementProps): ReactElement {
  return (
    <thead {...root('TableHead', props)}>
      <HeadContext.Provider value>{props.children}</HeadContext.Provider>
    </thead>
  );
}

export function TableBody(props: TableElementProps): ReactElement {
  return <tbody {...root('TableBody', props)}>{props.children}</tbody>;
}

export function TableFooter(props: TableElementProps): ReactElement {
  return <tfoot {...root('TableFooter', props)}>{props.children}</tfoot>;
}

export function TableRow(props: TableElementProps): ReactElement {
  return <tr {...root('TableRow', props)}>{props.children}</tr>;
}

function cellStyle(props: { align?: string; width?: string | number }): CSSProperties {
  const width = { min: '1%', max: '100%', auto: 'auto' }[String(props.width)] ?? props.width;
  return {
    textAlign: props.align as CSSProperties['textAlign'],
    width,
    whiteSpace: props.width === 'min' ? 'nowrap' : undefined,
  };
}

const NEXT_SORT = { ascending: 'descending', descending: 'ascending', none: 'ascending' } as const;

export function TableHeader(props: TableHeaderProps): ReactElement {
  const scope = useContext(HeadContext) ? 'col' : 'row';
  const common = { ...root('TableHeader', props), scope, style: cellStyle(props) };
  if (props.sortDirection === undefined || props.sortDirection === 'never')
    return <th {...common}>{props.children}</th>;
  const { sortDirection: sort, onSortChange, disabled } = props as SortedHeader;
  const Arrow = { ascending: ArrowUp, descending: ArrowDown, none: ArrowUpDown }[sort];
  return (
    <th {...common} aria-sort={sort}>
      <button
        type="button"
        className="hs-sort"
        disabled={disabled}
        onClick={() => onSortChange(NEXT_SORT[sort])}
      >
        {props.children}
        <Arrow aria-hidden />
      </button>
    </th>
  );
}

export function TableCell(props: TableCellProps): ReactElement {
  return (
    <td {...root('TableCell', props)} colSpan={props.colSpan} style={cellStyle(props)}>
      {props.children}
    </td>
  );
}

export function Statistics(props: StatisticsProps): ReactElement {
  return (
    <div {...root('Statistics', props)} className="hs-statistics">
      {props.children}
    </div>
  );
}

export function StatisticsItem(props: StatisticsItemProps): ReactElement {
  return (
    <div
      {...root('StatisticsItem', props)}
      id={props.id}
      className="hs-statistic"
      role="group"
      aria-label={props.label}
    >
      <div className="hs-statistic-label">{props.label}</div>
      <div className="hs-statistic-number">{props.number}</div>
      {props.children}
    </div>
  );
}

export function StatisticsTrend(props: StatisticsTrendProps): ReactElement {
  const { t } = useScope().texts;
  const up = props.direction === 'increase';
  const color = props.color ?? (up ? 'green' : 'red');
  const Arrow = up ? ArrowUp : ArrowDown;
  return (
    <div {...root('StatisticsTrend', props)} className={`hs-trend hs-trend-${color}`}>
      <Arrow role="img" aria-label={t(up ? 'component.increase' : 'component.decrease')} /> {props.value}
    </div>
  );
}

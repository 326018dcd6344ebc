// Property values as HubSpot shows them.

import type { PropertyDefinition } from '../api';
import type { Texts } from '../texts';

/** Number properties that hold money; other numbers may be ids, which are never grouped. */
const AMOUNTS = new Set(['amount']);

/** '' when there is nothing to show. Values arrive as strings; dates as ISO 8601 or as milliseconds. */
export function formatValue(
  { name, type, options }: PropertyDefinition,
  value: string | null,
  texts: Texts,
): string {
  if (value === null || value === '') return '';
  if (type === 'datetime') return texts.dateTime(instant(value));
  if (type === 'date') return texts.date(instant(value));
  if (type === 'enumeration' || type === 'bool') {
    const labels = value
      .split(';')
      .map((each) => options.find((option) => option.value === each)?.label ?? each);
    return labels.join(', ');
  }
  if (AMOUNTS.has(name) && Number.isFinite(Number(value))) return texts.money(Number(value));
  return value;
}

function instant(value: string): string {
  return /^\d+$/.test(value) ? new Date(Number(value)).toISOString() : value;
}

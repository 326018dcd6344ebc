// The object types with record pages: the prefix of their text keys, the columns of their lists, their names.

import type { RecordRow } from '../api';
import type { CrmProperties } from '../protocol';
import type { Texts } from '../texts';

export interface ObjectKind {
  /** HubSpot's id of the type. */
  typeId: string;
  /** Prefix of its text keys. */
  key: 'contacts' | 'companies' | 'deals';
  /** Properties that a list shows beside the name. */
  columns: readonly string[];
  /** Properties that hold its phone numbers. */
  phones: readonly string[];
  /** The record's name in HubSpot; empty when it has none. */
  nameOf(properties: CrmProperties): string;
  /** The line under the name on the record's page. */
  linesOf(properties: CrmProperties): string[];
}

const joined = (separator: string, ...values: (string | null | undefined)[]): string =>
  values.filter(Boolean).join(separator);

export const OBJECT_KINDS: readonly ObjectKind[] = [
  {
    typeId: '0-1',
    key: 'contacts',
    columns: ['email', 'phone', 'mobilephone', 'company'],
    phones: ['mobilephone', 'phone'],
    nameOf: (found) => joined(' ', found.firstname, found.lastname) || joined('', found.email),
    linesOf: (found) => [joined(' · ', found.jobtitle, found.company), joined('', found.email)],
  },
  {
    typeId: '0-2',
    key: 'companies',
    columns: ['domain', 'phone', 'city', 'industry'],
    phones: ['phone'],
    nameOf: (found) => joined('', found.name) || joined('', found.domain),
    linesOf: (found) => [joined('', found.domain)],
  },
  {
    typeId: '0-3',
    key: 'deals',
    columns: ['dealstage', 'amount', 'closedate', 'pipeline'],
    phones: [],
    nameOf: (found) => joined('', found.dealname),
    linesOf: () => [],
  },
];

export function kindOf(typeId: string): ObjectKind | undefined {
  return OBJECT_KINDS.find((kind) => kind.typeId === typeId);
}

/** A record's name, or a text for a record without one. */
export function recordName(typeId: string, { id, properties }: RecordRow, { t }: Texts): string {
  const kind = kindOf(typeId);
  return kind ? kind.nameOf(properties) || t(`record.unknownName.${kind.key}`, { id }) : id;
}

// The kinds of records that have pages: what their words begin with, what a list shows of them, what they are called.

import type { RecordRow } from '../api';
import type { CrmProperties } from '../protocol';
import type { Texts } from '../texts';

export interface ObjectKind {
  /** HubSpot's id of the type. */
  typeId: string;
  /** What the keys of its words begin with. */
  key: 'contacts' | 'companies' | 'deals';
  /** Properties that a list shows beside the name. */
  columns: readonly string[];
  /** Properties that hold its phone numbers. */
  phones: readonly string[];
  /** What HubSpot shows as the name; empty when there is nothing to call it by. */
  nameOf(properties: CrmProperties): string;
  /** What stands under the name on the record's page. */
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

/** A record's name, or words for one that has none. */
export function recordName(typeId: string, { id, properties }: RecordRow, { t }: Texts): string {
  const kind = kindOf(typeId);
  return kind ? kind.nameOf(properties) || t(`record.unknownName.${kind.key}`, { id }) : id;
}

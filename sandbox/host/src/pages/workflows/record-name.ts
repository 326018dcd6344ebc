// How a record of any object is called in a list.

import type { RecordRow } from '../../api';
import { fullName } from '../person';

export function recordName({ id, properties }: RecordRow): string {
  return fullName(properties) || properties.dealname || properties.name || properties.email || id;
}

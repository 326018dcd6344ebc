/** What every field of the composer gets. */
import type { Draft, Review } from './draft';

export interface FieldProps {
  draft: Draft;
  review: Review;
  edit: (change: Partial<Draft>) => void;
  /** While a message is on its way. */
  readOnly: boolean;
}

/** What every field of the composer gets. */
import type { CardData } from '@connector/api';
import type { Draft } from './draft';
import type { Review } from './review';
import type { Composer } from './useComposer';

export interface FieldProps {
  data: CardData;
  draft: Draft;
  review: Review;
  edit: Composer['edit'];
  /** While a message is on its way. */
  readOnly: boolean;
}

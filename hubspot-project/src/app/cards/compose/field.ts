/** The props of every field of the composer. */
import type { CardData } from '@connector/api';
import type { Draft } from './draft';
import type { Review } from './review';
import type { Composer } from './useComposer';

export interface FieldProps {
  data: CardData;
  draft: Draft;
  review: Review;
  edit: Composer['edit'];
  /** True while a message is being sent. */
  readOnly: boolean;
}

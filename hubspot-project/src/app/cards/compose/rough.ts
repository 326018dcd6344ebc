/** The SMS as far as the view knows it, at each key: until the backend's preview arrives, a text with its count. */
import type { CardData } from '@connector/api';
import {
  cleanText,
  countedText,
  countSegments,
  rewriteToGsm7,
  tokenNames,
  withStopPlaced,
  withValues,
  type Segments,
  type TokenValues,
} from '@connector/sms-ui';
import type { Draft } from './draft';
import type { Review } from './review';

export interface RoughSms {
  /** With values where they are known, else with labels in square brackets. */
  text: string;
  segments: Segments;
  /** Values or short links are still to come: the count is an estimate. */
  isEstimate: boolean;
}

export function roughSms(
  draft: Draft,
  review: Review,
  data: CardData,
  values: TokenValues,
  labelOf: (name: string) => string,
): RoughSms {
  const { pushType } = draft;
  const { sender, wire, fit } = review;
  const as = (label: (name: string) => string) => {
    const text = withStopPlaced(cleanText(withValues(wire.text, values, label)), pushType, sender);
    return fit.kind === 'replaced' ? rewriteToGsm7(text).text : text;
  };
  const counted = countedText(
    as(() => ''),
    pushType,
    sender,
    data,
  ).replaceAll('[]', '');
  return {
    text: as(labelOf),
    segments: countSegments(draft.text && counted),
    isEstimate: wire.links.length > 0 || tokenNames(draft.text).some((name) => !(name in values)),
  };
}

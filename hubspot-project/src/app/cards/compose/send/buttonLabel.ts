/** The words of the send button: the number of SMS and credits that the backend has counted. */
import type { Translate } from '@connector/i18n';
import type { Composition } from '../useComposition';
import { leavesLater, verdictOf } from './verdict';

export function buttonLabel({ review, rough, preview }: Composition, t: Translate): string {
  const { state } = preview;
  if (state.status !== 'ready') {
    const { parts } = rough.segments;
    return parts ? t('compose.submit', { count: parts }) : t('compose.submit_empty');
  }
  // Nothing would be sent as things are: no number of SMS and no price is promised.
  if (verdictOf(state.preview)?.code === 'gateway_would_refuse') return t('compose.submit_anyway');
  const { parts, cost_credits: cost } = state.preview;
  const verb = leavesLater(state.preview, review.sendAt) ? 'compose.submit_later' : 'compose.submit';
  const action = t(verb, { count: parts });
  if (cost === null) return action;
  return t('compose.submit_cost', { action, cost: t('compose.cost', { count: cost }) });
}

/** Combines the draft with the card's data: its review, its preview, and the message to send. */
import type { CardData } from '@connector/api';
import { useText } from '@connector/i18n';
import { useMarks } from '@connector/sms-ui';
import type { Draft } from './draft';
import { reviewDraft, toCommand, type Review } from './review';
import { roughSms, type RoughSms } from './rough';
import type { Content } from './send/attempt';
import type { Composer } from './useComposer';
import { usePreview, type PreviewControl } from './usePreview';

export interface Composition {
  data: CardData;
  draft: Draft;
  review: Review;
  preview: PreviewControl;
  /** The SMS as far as the view knows it, until the preview arrives. */
  rough: RoughSms;
  /** The message to send; null while it may not be sent or its preview is missing. */
  content: Content | null;
}

/** Refusals that show that the card and the composer are out of date. */
const OUTDATED: ReadonlySet<string> = new Set([
  'number_changed',
  'number_missing',
  'number_invalid',
  'number_not_mobile',
  'number_special_rate',
  'number_extension',
  'opted_out',
  'account_not_linked',
]);

export function useComposition(data: CardData, composer: Composer): Composition {
  const { t } = useText();
  const { markOf } = useMarks();
  const draft = composer.draftFor(data);
  const review = reviewDraft(draft, data, markOf, new Date());
  const command = toCommand(composer.record, draft, review);
  const preview = usePreview(composer.isOpen ? command : null, (error) => {
    if (OUTDATED.has(error.code)) composer.refreshCard();
  });
  const labelOf = (name: string) =>
    draft.labels[name] ?? (/^(?:contact\.)?firstname$/.test(name) ? t('compose.token.firstname') : name);
  const rough = roughSms(draft, review, data, preview.values, labelOf);
  // Users send only a message they have seen: text with its values, cost and time of departure.
  const content =
    command && preview.state.status === 'ready' ? { ...command, template_id: draft.templateId } : null;
  return { data, draft, review, preview, rough, content };
}

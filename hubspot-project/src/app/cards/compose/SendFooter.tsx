/** The send button with the number of SMS and credits. Above it: recipient and time, or the reason against sending. */
import type { Preview } from '@connector/api';
import { errorText, formatPhone, useText, type Text as Texts, type Translate } from '@connector/i18n';
import { Alert, Flex, LoadingButton, Text } from '@hubspot/ui-extensions';
import type { Composer } from './useComposer';
import type { Composition } from './useComposition';
import { leavesLater, refusesNumber, verdictOf } from './verdict';

interface SendFooterProps {
  composer: Composer;
  composition: Composition;
}

/**
 * Always in view, and of constant height while the user writes: a footer that grew with a preview would cover the
 * element about to be pressed. So one line stands above the button, and the preview shows the rest. Only a failed
 * attempt makes the footer grow, while nothing else can be pressed.
 */
export function SendFooter({ composer, composition }: SendFooterProps) {
  const text = useText();
  const { t } = text;
  const { error, sending } = composer;
  const { content } = composition;
  const line = footerLine(composition, text);
  return (
    <Flex direction="column" gap="sm">
      {error && (
        <Alert
          title={error.undecided ? t('compose.undecided_title') : t('compose.not_sent_title')}
          variant={error.undecided ? 'warning' : 'danger'}
        >
          {errorText(error, 'send', t)}
        </Alert>
      )}
      <Text variant="microcopy" truncate={{ tooltipText: line }}>
        {line}
      </Text>
      <Flex direction="row">
        <LoadingButton
          variant="primary"
          loading={sending}
          disabled={content === null || isNumberRefused(composition)}
          onClick={() => (content ? composer.send(content) : undefined)}
        >
          {buttonLabel(composition, t)}
        </LoadingButton>
      </Flex>
    </Flex>
  );
}

/** The recipient and time of the SMS, or the first thing to correct. */
function footerLine(composition: Composition, text: Texts): string {
  const { t } = text;
  const { block, recipient } = composition.review;
  if (block) return t(`compose.blocked.${block}`);
  if (!recipient) return '';
  const { state } = composition.preview;
  if (state.status === 'refused') return errorText(state.error, 'preview', t);
  if (state.status !== 'ready') return t('compose.checking');
  const verdict = verdictOf(state.preview);
  const where = whereAndWhen(state.preview, formatPhone(recipient.recipient), composition, text);
  return verdict ? `${t(`compose.verdict.${verdict.code}`)} · ${where}` : where;
}

function whereAndWhen(
  preview: Preview,
  number: string,
  { review, data }: Composition,
  { t, formatDay }: Texts,
): string {
  if (!leavesLater(preview, review.sendAt)) {
    if (preview.held_by) return t('compose.ready_held', { number });
    return t(verdictOf(preview) ? 'compose.ready_perhaps' : 'compose.ready', { number });
  }
  const date = formatDay(preview.effective_at, data.time_zone);
  return t(preview.is_delayed ? 'compose.ready_delayed' : 'compose.ready_later', { number, date });
}

/** Whether SMSFactor would send nothing to this number, whatever the text. */
function isNumberRefused({ preview: { state } }: Composition): boolean {
  return state.status === 'ready' && refusesNumber(verdictOf(state.preview));
}

function buttonLabel({ review, preview }: Composition, t: Translate): string {
  const { state } = preview;
  if (state.status === 'ready') {
    const verdict = verdictOf(state.preview);
    if (refusesNumber(verdict)) return t('compose.submit_empty');
    // Nothing would be sent as things are: no number of SMS and no price is promised.
    if (verdict?.code === 'gateway_would_refuse') return t('compose.submit_anyway');
    const { parts, cost_credits: cost } = state.preview;
    const verb = leavesLater(state.preview, review.sendAt) ? 'compose.submit_later' : 'compose.submit';
    const action = t(verb, { count: parts });
    if (cost === null) return action;
    return t('compose.submit_cost', { action, cost: t('compose.cost', { count: cost }) });
  }
  const { parts } = review.segments;
  return parts ? t('compose.submit', { count: parts }) : t('compose.submit_empty');
}

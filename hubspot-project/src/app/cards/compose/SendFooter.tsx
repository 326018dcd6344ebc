/** The button that says how many SMS it sends and for how many credits; above it where and when they go, or why not. */
import type { ApiError, Preview } from '@connector/api';
import {
  errorText,
  formatPhone,
  useText,
  warningText,
  type Text as Texts,
  type Translate,
} from '@connector/i18n';
import { Alert, Button, Flex, LoadingButton, Text } from '@hubspot/ui-extensions';
import type { Composer } from './useComposer';
import type { Composition } from './useComposition';
import { verdictOf } from './verdict';

interface SendFooterProps {
  composer: Composer;
  composition: Composition;
}

/** Always in view and kept to the bottom of the panel, so an alert above the button does not move the button. */
export function SendFooter({ composer, composition }: SendFooterProps) {
  const text = useText();
  const { t } = text;
  const { error, sending } = composer;
  const { content } = composition;
  const { state, retry } = composition.preview;
  const refusal = state.status === 'refused' ? state.error : null;
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
      {state.status === 'ready' && <WhatWouldHappen preview={state.preview} />}
      {refusal ? (
        <Refusal error={refusal} />
      ) : (
        <Text variant="microcopy">{footerLine(composition, text)}</Text>
      )}
      <Flex direction="row" gap="sm" wrap>
        <LoadingButton
          variant="primary"
          loading={sending}
          disabled={content === null}
          onClick={() => (content ? composer.send(content) : undefined)}
        >
          {buttonLabel(composition, t)}
        </LoadingButton>
        {refusal?.code === 'text_not_gsm7' && (
          <Button onClick={() => composer.edit({ unicode: true })}>{t('compose.unicode')}</Button>
        )}
        {refusal && <Button onClick={retry}>{t('common.retry')}</Button>}
      </Flex>
    </Flex>
  );
}

/** Nothing has happened yet: a refusal here is a correction to make, maybe on the record, after which one tries again. */
function Refusal({ error }: { error: ApiError }) {
  const { t } = useText();
  const isTrouble = error.undecided || error.code.endsWith('_unavailable');
  return (
    <Alert title={t(isTrouble ? 'compose.preview.trouble' : 'compose.preview.refused')} variant="warning">
      {errorText(error, 'preview', t)}
    </Alert>
  );
}

/** It may be sent all the same: somebody may buy credits, or SMSFactor's lists may change before it leaves. */
function WhatWouldHappen({ preview }: { preview: Preview }) {
  const { t } = useText();
  const verdict = verdictOf(preview);
  if (!verdict) return null;
  return (
    <Alert title={t(`compose.verdict.${verdict.code}`)} variant="warning">
      {warningText(verdict, t)}
    </Alert>
  );
}

/** Where and when the SMS would go, or what to mend first. */
function footerLine({ review, preview, data }: Composition, { t, formatDay }: Texts): string {
  const { block, recipient } = review;
  if (block) return t(`compose.blocked.${block}`);
  if (!recipient) return '';
  const number = formatPhone(recipient.recipient);
  const { state } = preview;
  if (state.status !== 'ready') return t('compose.checking');
  if (!leavesLater(state.preview, review.sendAt)) {
    return t(verdictOf(state.preview) ? 'compose.ready_perhaps' : 'compose.ready', { number });
  }
  const date = formatDay(state.preview.effective_at, data.time_zone);
  return t(state.preview.is_delayed ? 'compose.ready_delayed' : 'compose.ready_later', { number, date });
}

function buttonLabel({ review, preview }: Composition, t: Translate): string {
  const { state } = preview;
  if (state.status === 'ready') {
    const { parts, cost_credits: cost } = state.preview;
    const verb = leavesLater(state.preview, review.sendAt) ? 'compose.submit_later' : 'compose.submit';
    const action = t(verb, { count: parts });
    if (cost === null) return action;
    return t('compose.submit_cost', { action, cost: t('compose.cost', { count: cost }) });
  }
  const { parts } = review.segments;
  return parts ? t('compose.submit', { count: parts }) : t('compose.submit_empty');
}

function leavesLater(preview: Preview, sendAt: string | null): boolean {
  return preview.is_delayed || sendAt !== null;
}

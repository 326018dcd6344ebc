/** The button that says how many SMS it sends, what is missing before it can, and what went wrong if it did. */
import { errorText, formatPhone, useText, type Translate } from '@connector/i18n';
import { Alert, Flex, LoadingButton, Text } from '@hubspot/ui-extensions';
import type { Draft, Review } from './draft';
import type { Composer } from './useComposer';

interface SendFooterProps {
  composer: Composer;
  draft: Draft;
  review: Review;
}

/** The footer keeps to the bottom of the panel, so an alert above the button does not move the button. */
export function SendFooter({ composer, draft, review }: SendFooterProps) {
  const { t } = useText();
  const { error, sending } = composer;
  const { parts } = review.segments;
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
      <Text variant="microcopy">{footerLine(review, t)}</Text>
      <Flex direction="row">
        <LoadingButton
          variant="primary"
          loading={sending}
          disabled={review.block !== null}
          onClick={() => composer.send(draft, review)}
        >
          {parts ? t('compose.submit', { count: parts }) : t('compose.submit_empty')}
        </LoadingButton>
      </Flex>
    </Flex>
  );
}

/** Where the SMS would go, or why it cannot. */
function footerLine({ block, recipient }: Review, t: Translate): string {
  if (block) return t(`compose.blocked.${block}`);
  return recipient ? t('compose.ready', { number: formatPhone(recipient.number) }) : '';
}

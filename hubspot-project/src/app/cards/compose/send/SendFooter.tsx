/** The send button with the number of SMS and credits. Above it: the time, or the reason against sending. */
import type { ApiError } from '@connector/api';
import { errorText, useText, type Text as Texts } from '@connector/i18n';
import { Alert, Button, Flex, LoadingButton, Text } from '@hubspot/ui-extensions';
import { useState } from 'react';
import type { FieldProps } from '../field';
import { SaveTemplateTool } from '../templates/SaveTemplateTool';
import type { Composer } from '../useComposer';
import type { Composition } from '../useComposition';
import { buttonLabel } from './buttonLabel';
import { Question, useQuestion } from './Question';
import { refusesNumber, verdictOf } from './verdict';

interface SendFooterProps extends FieldProps {
  composer: Composer;
  composition: Composition;
  onTemplateSaved: () => void;
}

/**
 * Always in view, and of constant height while an answer arrives: a footer that grew with a preview would cover the
 * element about to be pressed. So one line stands above the button, and the preview shows the rest. Only what the user
 * has pressed makes the footer grow: a failed attempt, a question, the name of a new template.
 */
export function SendFooter({ composer, composition, onTemplateSaved, ...field }: SendFooterProps) {
  const { t, ...text } = useText();
  const [savesTemplate, setSavesTemplate] = useState(false);
  const question = useQuestion(composer, composition);
  const close = () => setSavesTemplate(false);
  if (savesTemplate) return <SaveTemplateTool {...field} close={close} onSaved={onTemplateSaved} />;
  const line = footerLine(composition, { t, ...text });
  return (
    <Flex direction="column" gap="sm">
      <Failure error={composer.error} />
      {question.asked ? (
        <Question control={question} sending={composer.sending} />
      ) : (
        <>
          <Text variant="microcopy" truncate={{ tooltipText: line }}>
            {line}
          </Text>
          <Flex direction="row" gap="sm" align="center" wrap>
            {maySend(composition) && (
              <LoadingButton
                variant="primary"
                loading={composer.sending}
                disabled={composition.content === null}
                onClick={question.send}
              >
                {buttonLabel(composition, t)}
              </LoadingButton>
            )}
            {field.data.may_edit_templates && field.draft.text.trim() !== '' && (
              <Button variant="transparent" disabled={field.readOnly} onClick={() => setSavesTemplate(true)}>
                {t('compose.tool.save_template')}
              </Button>
            )}
          </Flex>
        </>
      )}
    </Flex>
  );
}

/** The error of the last attempt; the one that asks is no error. */
function Failure({ error }: { error: ApiError | null }) {
  const { t } = useText();
  if (!error || error.code === 'sent_recently') return null;
  return (
    <Alert title={t(error.undecided ? 'compose.undecided_title' : 'compose.not_sent_title')} variant="danger">
      {errorText(error, 'send', t)}
    </Alert>
  );
}

/** Whether a message of any kind could go to this number: otherwise there is no button to press in vain. */
function maySend({ review, preview: { state } }: Composition): boolean {
  if (review.block === 'consent') return false;
  return state.status !== 'ready' || !refusesNumber(verdictOf(state.preview));
}

/** The time of the SMS, or the first thing to correct. */
function footerLine({ review, preview: { state }, data }: Composition, { t, formatDay }: Texts): string {
  const { block, recipient, sendAt } = review;
  if (block) return t(`compose.blocked.${block}`);
  if (!recipient) return '';
  if (state.status === 'refused') return errorText(state.error, 'preview', t);
  if (state.status !== 'ready') return t('compose.checking');
  const verdict = verdictOf(state.preview);
  if (verdict) return t(`compose.verdict.${verdict.code}`);
  const { effective_at, is_delayed, held_by } = state.preview;
  // The chosen date stands above; a date that the legal hours make is said where nobody can overlook it.
  if (is_delayed) return t('compose.ready_later', { date: formatDay(effective_at, data.time_zone) });
  if (sendAt !== null) return t('compose.ready_chosen');
  return t(held_by ? 'compose.ready_held' : 'compose.ready');
}

/** Asks before an SMS that is easily a mistake: the same one went a moment ago, or its date is far away. */
import { formatPhone, useText, type Text as Texts } from '@connector/i18n';
import { Alert, Button, Flex, LoadingButton } from '@hubspot/ui-extensions';
import { useState } from 'react';
import type { Composer } from '../useComposer';
import type { Composition } from '../useComposition';

/** An SMS is seldom written more than two months ahead: more often the month or the year is wrong. */
export const FAR_MS = 60 * 86_400_000;

export interface QuestionControl {
  /** The question in words; null: there is none. */
  asked: string | null;
  /** Sends, or asks first. */
  send: () => Promise<void> | undefined;
  confirm: () => Promise<void> | undefined;
  /** Back to the message. */
  refuse: () => void;
}

export function useQuestion(
  composer: Composer,
  { content, preview, review, data }: Composition,
): QuestionControl {
  const text = useText();
  const { error } = composer;
  /** The date that the question on the date is about: another date is another question. */
  const [asksFar, setAsksFar] = useState<string | null>(null);
  const isRepeat = error?.code === 'sent_recently';
  const ready = preview.state.status === 'ready' ? preview.state.preview : null;
  const isFar = ready !== null && Date.parse(ready.effective_at) - Date.now() > FAR_MS;
  const isAskingFar = isFar && asksFar !== null && asksFar === review.sendAt;
  const number = review.recipient ? formatPhone(review.recipient.recipient) : '';

  const asked = (): string | null => {
    if (isRepeat) return repeatText(error.params['at'], number, text);
    if (!isAskingFar) return null;
    return text.t('compose.ask.far', { date: text.formatDay(ready.effective_at, data.time_zone) });
  };
  const post = (again: boolean) => (content ? composer.send(content, again) : undefined);
  return {
    asked: content ? asked() : null,
    send: () => {
      if (!isFar) return post(false);
      setAsksFar(review.sendAt);
      return undefined;
    },
    confirm: () => post(isRepeat),
    refuse: () => {
      setAsksFar(null);
      composer.edit({});
    },
  };
}

function repeatText(at: unknown, number: string, { t, formatTime }: Texts): string {
  return t('compose.ask.repeat', { number, time: formatTime(String(at)) });
}

export function Question({ control, sending }: { control: QuestionControl; sending: boolean }) {
  const { t } = useText();
  return (
    <>
      <Alert title={control.asked ?? ''} variant="info" />
      <Flex direction="row" gap="sm" wrap>
        <LoadingButton variant="primary" loading={sending} onClick={control.confirm}>
          {t('compose.ask.yes')}
        </LoadingButton>
        <Button variant="transparent" disabled={sending} onClick={control.refuse}>
          {t('compose.ask.no')}
        </Button>
      </Flex>
    </>
  );
}

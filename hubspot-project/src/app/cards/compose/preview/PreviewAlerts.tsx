/** The reason why a previewed message cannot be sent, with remedies, or SMSFactor's verdict on one that can. */
import type { ApiError, Preview } from '@connector/api';
import { errorText, useText, warningText } from '@connector/i18n';
import { Alert, Button, Flex } from '@hubspot/ui-extensions';
import { verdictOf } from '../verdict';

interface RefusalProps {
  error: ApiError;
  retry: () => void;
  allowUnicode: () => void;
}

/** Nothing has happened yet: a refusal here is a correction to make, maybe on the record, after which one tries again. */
export function Refusal({ error, retry, allowUnicode }: RefusalProps) {
  const { t } = useText();
  const isTrouble = error.undecided || error.code.endsWith('_unavailable');
  return (
    <>
      <Alert title={t(isTrouble ? 'compose.preview.trouble' : 'compose.preview.refused')} variant="warning">
        {errorText(error, 'preview', t)}
      </Alert>
      <Flex direction="row" gap="sm" wrap>
        {error.code === 'text_not_gsm7' && <Button onClick={allowUnicode}>{t('compose.unicode')}</Button>}
        <Button onClick={retry}>{t('common.retry')}</Button>
      </Flex>
    </>
  );
}

/** It may be sent all the same: credits may be bought, or SMSFactor's lists may change, before it leaves. */
export function WhatWouldHappen({ preview }: { preview: Preview }) {
  const { t } = useText();
  const verdict = verdictOf(preview);
  if (!verdict) return null;
  return (
    <Alert title={t(`compose.verdict.${verdict.code}`)} variant="warning">
      {warningText(verdict, t)}
    </Alert>
  );
}

/** The reason why a previewed message cannot be sent, with remedies, or SMSFactor's verdict on one that can. */
import type { ApiError, Preview } from '@connector/api';
import {
  errorText,
  formatCharacters,
  reasonText,
  useText,
  warningText,
  type Translate,
} from '@connector/i18n';
import { Alert, Button, Flex } from '@hubspot/ui-extensions';
import { refusesNumber, verdictOf } from '../send/verdict';

interface RefusalProps {
  error: ApiError;
  retry: () => void;
  keepSpecial: () => void;
  removeSpecial: () => void;
}

/** Nothing has happened yet: a refusal here is a correction to make, maybe on the record, after which one tries again. */
export function Refusal({ error, retry, keepSpecial, removeSpecial }: RefusalProps) {
  const { t } = useText();
  const isTrouble = error.undecided || error.code.endsWith('_unavailable');
  return (
    <>
      <Alert
        title={t(isTrouble ? 'compose.preview.trouble' : 'compose.preview.refused')}
        variant={isTrouble ? 'info' : 'danger'}
      >
        {errorText(error, 'preview', t)}
      </Alert>
      <Flex direction="row" gap="sm" wrap>
        {error.code === 'text_not_gsm7' && (
          <>
            <Button onClick={keepSpecial}>{t('compose.special.keep')}</Button>
            <Button onClick={removeSpecial}>{t('compose.special.remove')}</Button>
          </>
        )}
        <Button onClick={retry}>{t('common.retry')}</Button>
      </Flex>
    </>
  );
}

/** It may be sent all the same, unless the number itself is refused: credits may be bought before it leaves. */
export function WhatWouldHappen({ preview }: { preview: Preview }) {
  const { t } = useText();
  const verdict = verdictOf(preview);
  if (!verdict) return null;
  const reason = reasonText(String(verdict.params['reason']), t);
  return (
    <Alert title={t(`compose.verdict.${verdict.code}`)} variant="danger">
      {refusesNumber(verdict) ? t('compose.verdict.number', { reason }) : warningText(verdict, t)}
    </Alert>
  );
}

/** Sending is paused, or SMSFactor accepts nothing: the SMS would wait. */
export function Held({ preview }: { preview: Preview }) {
  const { t } = useText();
  if (!preview.held_by) return null;
  return (
    <Alert title={t('compose.held.title')} variant="info">
      {`${reasonText(preview.held_by, t)} ${t('compose.held.body')}`}
    </Alert>
  );
}

interface ReplacedProps {
  preview: Preview;
  keep: () => void;
  readOnly: boolean;
}

/** The special characters that the SMS leaves without, what they would cost, and the way to keep them: the amber line. */
export function Replaced({ preview, keep, readOnly }: ReplacedProps) {
  const { t } = useText();
  const params = preview.warnings.find(({ code }) => code === 'characters_replaced')?.params;
  const line = params && replacedLine(params, preview.parts, t);
  if (!line) return null;
  return (
    <Alert title={line} variant="warning">
      <Button size="xs" disabled={readOnly} onClick={keep}>
        {t('compose.special.keep')}
      </Button>
    </Alert>
  );
}

/** For example: “ê” and “À” replaced: 1 SMS instead of 2. Null when only blanks were replaced by others. */
function replacedLine(params: Record<string, unknown>, parts: number, t: Translate): string | null {
  const listed = (key: 'compose.special.replaced' | 'compose.special.dropped', named: unknown) => {
    const characters = (Array.isArray(named) ? named.map(String) : []).filter((each) =>
      /[^\s\p{Z}]/u.test(each),
    );
    if (!characters.length) return [];
    return [t(key, { characters: formatCharacters(characters, t), count: characters.length })];
  };
  const changes = [
    ...listed('compose.special.replaced', params['replaced']),
    ...listed('compose.special.dropped', params['removed']),
  ];
  if (!changes.length) return null;
  const instead = Number(params['parts_with']) || parts;
  return t('compose.special.saved', { changes: changes.join(', '), parts, instead });
}

/** The message as its recipient will read it, with its real cost and time; or why the backend would refuse it. */
import type { ApiError, Preview } from '@connector/api';
import { errorText, useText, warningText } from '@connector/i18n';
import { Alert, Button, Flex, Heading, Text } from '@hubspot/ui-extensions';
import type { FieldProps } from '../field';
import type { Composition } from '../useComposition';
import { PreviewText } from './PreviewText';

interface PreviewBoxProps {
  composition: Composition;
  edit: FieldProps['edit'];
}

export function PreviewBox({ composition, edit }: PreviewBoxProps) {
  const { t } = useText();
  const { state, retry } = composition.preview;
  return (
    <Flex direction="column" gap="sm">
      <Heading>{t('compose.preview.title')}</Heading>
      {state.status === 'idle' && <Text variant="microcopy">{t('compose.preview.none')}</Text>}
      {state.status === 'waiting' && <Text variant="microcopy">{t('compose.preview.waiting')}</Text>}
      {state.status === 'waiting' && state.last && (
        <PreviewText preview={state.last} composition={composition} />
      )}
      {state.status === 'ready' && <Ready preview={state.preview} composition={composition} />}
      {state.status === 'refused' && (
        <Refused error={state.error} retry={retry} allow={() => edit({ unicode: true })} />
      )}
    </Flex>
  );
}

function Ready({ preview, composition }: { preview: Preview; composition: Composition }) {
  const { t, formatDay } = useText();
  const { data } = composition;
  const warnings = preview.warnings.flatMap((warning) => warningText(warning, t) ?? []);
  return (
    <>
      <PreviewText preview={preview} composition={composition} />
      <Text variant="microcopy">{factLine(preview, t)}</Text>
      {preview.is_delayed && (
        <Alert title={t('compose.delayed.title')} variant="info">
          {t('compose.delayed.body', { date: formatDay(preview.effective_at, data.time_zone) })}
        </Alert>
      )}
      {warnings.map((warning) => (
        <Text key={warning} variant="microcopy">
          {warning}
        </Text>
      ))}
    </>
  );
}

/** For example: 24 characters · GSM-7 · 1 SMS · 1 credit. */
function factLine(preview: Preview, t: ReturnType<typeof useText>['t']): string {
  const { units, encoding, parts, cost_credits: cost } = preview;
  return [
    t('compose.characters', { count: units }),
    t(`compose.encoding.${encoding}`),
    t('compose.parts', { count: parts }),
    cost === null ? t('compose.cost_unknown') : t('compose.cost', { count: cost }),
  ].join(' · ');
}

/** Nothing has happened yet: a refusal here is a correction to make, maybe on the record, after which one tries again. */
function Refused({ error, retry, allow }: { error: ApiError; retry: () => void; allow: () => void }) {
  const { t } = useText();
  const isTrouble = error.undecided || error.code.endsWith('_unavailable');
  return (
    <Flex direction="column" gap="sm">
      <Alert title={t(isTrouble ? 'compose.preview.trouble' : 'compose.preview.refused')} variant="warning">
        {errorText(error, 'preview', t)}
      </Alert>
      <Flex direction="row" gap="sm" wrap>
        {error.code === 'text_not_gsm7' && (
          <Button size="sm" onClick={allow}>
            {t('compose.unicode')}
          </Button>
        )}
        <Button size="sm" onClick={retry}>
          {t('common.retry')}
        </Button>
      </Flex>
    </Flex>
  );
}

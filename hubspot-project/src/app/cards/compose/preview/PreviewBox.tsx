/** The message as its recipient will read it, with its real cost and time, or the reason for its refusal. */
import type { Preview } from '@connector/api';
import { useText, warningText, type Translate } from '@connector/i18n';
import { Alert, Flex, Heading, Text } from '@hubspot/ui-extensions';
import type { Composer } from '../useComposer';
import type { Composition } from '../useComposition';
import { isVerdict, leavesLater, verdictOf } from '../verdict';
import { Held, Refusal, Replaced, WhatWouldHappen } from './PreviewAlerts';
import { PreviewText } from './PreviewText';

interface PreviewBoxProps {
  composer: Composer;
  composition: Composition;
}

export function PreviewBox({ composer, composition }: PreviewBoxProps) {
  const { t } = useText();
  const { state, retry } = composition.preview;
  return (
    <Flex direction="column" gap="sm">
      <Heading>{t('compose.preview.title')}</Heading>
      {state.status === 'idle' && <Text variant="microcopy">{t('compose.preview.none')}</Text>}
      {state.status === 'refused' && (
        <Refusal
          error={state.error}
          retry={retry}
          keepSpecial={() => composer.edit({ unicode: true })}
          removeSpecial={() => composer.edit({ removesSpecial: true })}
        />
      )}
      {state.status === 'waiting' && <Text variant="microcopy">{t('compose.preview.waiting')}</Text>}
      {state.status === 'waiting' && state.last && (
        <PreviewText preview={state.last} composition={composition} />
      )}
      {state.status === 'ready' && (
        <>
          <Ready preview={state.preview} composition={composition} />
          <Replaced
            preview={state.preview}
            keep={() => composer.edit({ unicode: true })}
            readOnly={composer.sending}
          />
        </>
      )}
    </Flex>
  );
}

function Ready({ preview, composition }: { preview: Preview; composition: Composition }) {
  const { t, formatDay } = useText();
  const { data } = composition;
  const warnings = preview.warnings
    .filter((warning) => !isVerdict(warning) && warning.code !== 'characters_replaced')
    .flatMap((warning) => warningText(warning, t) ?? []);
  return (
    <>
      <WhatWouldHappen preview={preview} />
      {!leavesLater(preview, composition.review.sendAt) && <Held preview={preview} />}
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

/** For example: 24 characters · 1 SMS · 1 credit. */
function factLine(preview: Preview, t: Translate): string {
  const { units, parts } = preview;
  return [
    t('compose.characters', { count: units }),
    t('compose.parts', { count: parts }),
    costText(preview, t),
  ]
    .filter(Boolean)
    .join(' · ');
}

/** Empty when SMSFactor reports missing credits instead of a cost. */
function costText(preview: Preview, t: Translate): string {
  if (preview.cost_credits !== null) return t('compose.cost', { count: preview.cost_credits });
  return verdictOf(preview) ? '' : t('compose.cost_unknown');
}

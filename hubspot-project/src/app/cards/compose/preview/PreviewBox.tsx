/** The SMS as it will look, from the first letter on; and what must be decided or corrected before it leaves. */
import { useText, warningText } from '@connector/i18n';
import { Flex, Text, Tile } from '@hubspot/ui-extensions';
import { leavesLater, isVerdict } from '../send/verdict';
import type { Composer } from '../useComposer';
import type { Composition } from '../useComposition';
import { Bubble } from './Bubble';
import { Held, Refusal, Replaced, WhatWouldHappen } from './PreviewAlerts';

/** Said elsewhere in the composer, where they apply: beside number, counter and sender, or in a line of their own. */
const SAID: ReadonlySet<string> = new Set([
  'foreign_number',
  'unicode_parts',
  'sender_no_reply',
  'multi_part',
  'characters_replaced',
]);

interface PreviewNotesProps {
  composer: Composer;
  composition: Composition;
}

/** Its height follows the writer's keys, not the backend's answers: what stands below it is never moved by one. */
export function PreviewBox({ composition }: { composition: Composition }) {
  const { t } = useText();
  return (
    <Flex direction="column" gap="xs">
      {composition.draft.text.trim() && <Text variant="microcopy">{t('compose.preview.title')}</Text>}
      <Sms composition={composition} />
    </Flex>
  );
}

/** What the backend has answered, as the last thing: it comes by itself, and nothing below it can be pressed in vain. */
export function PreviewNotes({ composer, composition }: PreviewNotesProps) {
  const { state, retry } = composition.preview;
  if (state.status === 'refused') {
    return (
      <Refusal
        error={state.error}
        retry={retry}
        keepSpecial={() => composer.edit({ unicode: true })}
        removeSpecial={() => composer.edit({ removesSpecial: true })}
      />
    );
  }
  if (state.status !== 'ready') return null;
  return (
    <>
      <Replaced
        preview={state.preview}
        keep={() => composer.edit({ unicode: true })}
        readOnly={composer.sending}
      />
      <Facts composition={composition} />
    </>
  );
}

/** The text with the record's values once they are known, else with the labels of its properties. */
function Sms({ composition }: { composition: Composition }) {
  const { t } = useText();
  const { data, draft, review, preview, rough } = composition;
  if (!draft.text.trim()) {
    return (
      <Tile compact>
        <Text variant="microcopy">{t('compose.preview.none')}</Text>
      </Tile>
    );
  }
  const known = preview.state.status === 'ready' ? preview.state.preview : null;
  return (
    <Bubble
      sms={{ text: known?.text ?? rough.text, push_type: draft.pushType, sender: review.sender }}
      links={review.wire.numbers}
      changed={known?.changed_at ?? []}
      limits={data}
    />
  );
}

function Facts({ composition }: { composition: Composition }) {
  const { t } = useText();
  const { preview, review } = composition;
  if (preview.state.status !== 'ready') return null;
  const whole = preview.state.preview;
  const other = whole.warnings
    .filter((warning) => !isVerdict(warning) && !SAID.has(warning.code))
    .flatMap((warning) => warningText(warning, t) ?? []);
  return (
    <>
      <WhatWouldHappen preview={whole} />
      {!leavesLater(whole, review.sendAt) && <Held preview={whole} />}
      {other.map((warning) => (
        <Text key={warning} variant="microcopy">
          {warning}
        </Text>
      ))}
    </>
  );
}

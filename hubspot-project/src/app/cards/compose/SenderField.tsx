/** The gateway's default sender, or a name. Nobody can reply to a name, and the form says so. */
import { useText, type Translate } from '@connector/i18n';
import { Accordion, Flex, Input, Text, Toggle } from '@hubspot/ui-extensions';
import type { FieldProps } from './field';
import type { Review } from './review';

/** A name still too short is being typed, not wrong. */
const SHORTEST = 3;

export function SenderField({ draft, review, edit, readOnly }: FieldProps) {
  const { t } = useText();
  const wrong = !review.senderValid && draft.sender.trim().length >= SHORTEST;
  // onChange only comes on blur, mostly with what onInput has said already.
  const onSender = (sender: string) => sender !== draft.sender && edit({ sender });
  return (
    <Accordion title={senderTitle(review, t)} size="sm">
      <Flex direction="column" gap="xs">
        <Toggle
          name="custom_sender"
          label={t('compose.custom_sender')}
          size="sm"
          checked={draft.customSender}
          readOnly={readOnly}
          onChange={(customSender) => edit({ customSender })}
        />
        <Text variant="microcopy">
          {draft.customSender ? t('compose.sender_no_reply') : t('compose.default_sender_help')}
        </Text>
        {draft.customSender && (
          <Input
            name="sender"
            label={t('compose.sender')}
            required
            description={t('compose.sender_help')}
            readOnly={readOnly}
            value={draft.sender}
            error={wrong}
            validationMessage={wrong ? t('compose.sender_invalid') : undefined}
            onInput={onSender}
            onChange={onSender}
          />
        )}
      </Flex>
    </Accordion>
  );
}

/** What is set can be read while the section is closed. */
function senderTitle({ sender, senderValid }: Review, t: Translate): string {
  if (sender === null) return t('compose.sender_title', { sender: t('compose.sender_default') });
  return t('compose.sender_title', { sender: senderValid ? sender : t('compose.sender_open') });
}

/** The gateway's default sender, or a name. A name cannot receive replies, and the form says so. */
import { useText, type Translate } from '@connector/i18n';
import { Accordion, Flex, Input, Text, Toggle } from '@hubspot/ui-extensions';
import type { FieldProps } from './field';
import type { Review } from './review';

/** A name that is still too short is being typed and is not an error yet. */
const SHORTEST = 3;

export function SenderField({ draft, review, edit, readOnly }: FieldProps) {
  const { t } = useText();
  const wrong = !review.senderValid && draft.sender.trim().length >= SHORTEST;
  // onChange comes on blur only, usually with the value that onInput has reported already.
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

/** The closed section shows the current value. */
function senderTitle({ sender, senderValid }: Review, t: Translate): string {
  if (sender === null) return t('compose.sender_title', { sender: t('compose.sender_default') });
  return t('compose.sender_title', { sender: senderValid ? sender : t('compose.sender_open') });
}

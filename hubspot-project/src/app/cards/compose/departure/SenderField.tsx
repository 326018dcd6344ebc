/** The gateway's default sender, or a name. */
import { useText } from '@connector/i18n';
import { Flex, Input, Toggle } from '@hubspot/ui-extensions';
import type { FieldProps } from '../field';

/** A name that is still too short is being typed and is not an error yet. */
const SHORTEST = 3;

export function SenderField({ draft, review, edit, readOnly }: FieldProps) {
  const { t } = useText();
  const wrong = !review.senderValid && draft.sender.trim().length >= SHORTEST;
  // onChange comes on blur only, usually with the value that onInput has reported already.
  const onSender = (sender: string) => sender !== draft.sender && edit({ sender });
  return (
    <Flex direction="column" gap="xs">
      <Toggle
        name="custom_sender"
        label={t('compose.custom_sender')}
        size="sm"
        checked={draft.customSender}
        readOnly={readOnly}
        onChange={(customSender) => edit({ customSender })}
      />
      {draft.customSender && (
        <Input
          name="sender"
          label={t('compose.sender')}
          required
          description={review.senderValid ? undefined : t('compose.sender_help')}
          readOnly={readOnly}
          value={draft.sender}
          error={wrong}
          validationMessage={wrong ? t('compose.sender_invalid') : undefined}
          onInput={onSender}
          onChange={onSender}
        />
      )}
    </Flex>
  );
}

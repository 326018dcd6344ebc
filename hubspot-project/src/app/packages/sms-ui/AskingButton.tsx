/** A button that asks for confirmation, for actions that cannot be undone by another press. */
import { Button, Flex, LoadingButton, Text } from '@hubspot/ui-extensions';
import { useState } from 'react';

interface AskingButtonProps {
  label: string;
  question: string;
  confirmLabel: string;
  keepLabel: string;
  size?: 'xs' | 'md';
  /** The confirmed action is under way. */
  busy: boolean;
  onConfirm: () => void;
}

export function AskingButton({
  label,
  question,
  size = 'md',
  busy,
  onConfirm,
  ...labels
}: AskingButtonProps) {
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return (
      <Flex direction="row">
        <Button size={size} onClick={() => setAsking(true)}>
          {label}
        </Button>
      </Flex>
    );
  }
  return (
    <Flex direction="column" gap="xs">
      <Text>{question}</Text>
      <Flex direction="row" gap="xs" wrap>
        <LoadingButton size={size} variant="destructive" loading={busy} onClick={onConfirm}>
          {labels.confirmLabel}
        </LoadingButton>
        <Button size={size} variant="transparent" disabled={busy} onClick={() => setAsking(false)}>
          {labels.keepLabel}
        </Button>
      </Flex>
    </Flex>
  );
}

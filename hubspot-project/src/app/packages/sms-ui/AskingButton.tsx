/** A button that asks before it acts, for what another press does not take back. */
import { Button, Flex, LoadingButton, Text } from '@hubspot/ui-extensions';
import { useState } from 'react';

interface AskingButtonProps {
  label: string;
  question: string;
  confirmLabel: string;
  keepLabel: string;
  size?: 'xs' | 'md';
  /** While what was confirmed is under way. */
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

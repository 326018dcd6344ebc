/** Offers to shorten an address that the writer has typed out. */
import { useText } from '@connector/i18n';
import { MAX_LINKS, nextNumber, readUrl, typedAddress, useMarks } from '@connector/sms-ui';
import { Button, Flex, Text } from '@hubspot/ui-extensions';
import type { FieldProps } from '../field';

export function TypedAddress({ draft, edit, readOnly }: FieldProps) {
  const { t } = useText();
  const { markOf } = useMarks();
  const address = typedAddress(draft.text);
  const url = address && readUrl(address);
  if (!address || !url || draft.links.length >= MAX_LINKS) return null;
  const shorten = () => {
    const number = nextNumber(draft.links);
    edit({
      links: [...draft.links, { number, url }],
      text: draft.text.replace(address, () => markOf(number)),
    });
  };
  return (
    <Flex direction="row" gap="xs" align="center" wrap>
      <Text inline variant="microcopy" truncate={{ maxWidth: 260, tooltipText: address }}>
        {address}
      </Text>
      <Button size="xs" variant="transparent" disabled={readOnly} onClick={shorten}>
        {t('compose.link.shorten')}
      </Button>
    </Flex>
  );
}

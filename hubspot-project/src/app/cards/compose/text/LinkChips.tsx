/** The short links of a text, each with its target and a button to remove it. */
import { useText } from '@connector/i18n';
import { inserted, withoutLink, type ShortLink, useMarks } from '@connector/sms-ui';
import { Button, Flex, Tag, Text } from '@hubspot/ui-extensions';
import type { FieldProps } from '../field';

export function LinkChips(props: FieldProps) {
  const { links } = props.draft;
  if (!links.length) return null;
  return (
    <Flex direction="column" gap="xs">
      {links.map((link) => (
        <LinkChip key={link.number} {...props} link={link} />
      ))}
    </Flex>
  );
}

function LinkChip({ draft, edit, readOnly, link }: FieldProps & { link: ShortLink }) {
  const { t } = useText();
  const { markOf } = useMarks();
  const mark = markOf(link.number);
  const isInText = draft.text.includes(mark);
  return (
    <Flex direction="row" gap="xs" align="center" wrap>
      <Tag variant={isInText ? 'info' : 'default'} inline>
        {mark}
      </Tag>
      <Text inline truncate={{ maxWidth: 260, tooltipText: link.url }}>
        {link.url}
      </Text>
      {!isInText && <Text variant="microcopy">{t('compose.link_absent')}</Text>}
      {!isInText && (
        <Button
          size="xs"
          variant="transparent"
          disabled={readOnly}
          onClick={() => edit({ ...inserted(draft.text, draft.cursor, mark) })}
        >
          {t('compose.link_put_back', { mark })}
        </Button>
      )}
      <Button
        size="xs"
        variant="transparent"
        disabled={readOnly}
        onClick={() => edit(withoutLink(draft, link.number, markOf))}
      >
        {t('compose.link_remove', { mark })}
      </Button>
    </Flex>
  );
}

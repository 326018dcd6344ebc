/** Inserts a short link: the writer gives the address, the gateway shortens it. */
import { useText } from '@connector/i18n';
import { inserted, MAX_LINKS, nextNumber, readUrl, useMarks } from '@connector/sms-ui';
import { Button, Flex, Input, Text } from '@hubspot/ui-extensions';
import { useState } from 'react';
import type { FieldProps } from '../field';

export function LinkTool({ draft, edit, close }: FieldProps & { close: () => void }) {
  const { t } = useText();
  const { markOf } = useMarks();
  const [typed, setTyped] = useState('');
  // Half an address is not an error yet: the check waits until the writer confirms.
  const [wrong, setWrong] = useState(false);
  const write = (address: string) => {
    if (address === typed) return;
    setTyped(address);
    setWrong(false);
  };
  const add = () => {
    const url = readUrl(typed);
    if (!url) return setWrong(true);
    const number = nextNumber(draft.links);
    edit({ links: [...draft.links, { number, url }], ...inserted(draft.text, draft.cursor, markOf(number)) });
    close();
  };
  if (draft.links.length >= MAX_LINKS) return <Text>{t('compose.link.most', { max: MAX_LINKS })}</Text>;
  return (
    <Flex direction="column" gap="sm">
      <Input
        name="link"
        label={t('compose.link.address')}
        description={t('compose.link.help')}
        placeholder={t('compose.link.placeholder')}
        value={typed}
        error={wrong}
        validationMessage={wrong ? t('compose.link.wrong') : undefined}
        onInput={write}
        onChange={write}
      />
      <Flex direction="row">
        <Button size="sm" disabled={!typed.trim()} onClick={add}>
          {t('compose.link.add')}
        </Button>
      </Flex>
    </Flex>
  );
}

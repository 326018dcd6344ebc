/** Emoji for the text, found by French or English words. */
import { searchEmoji } from '@connector/emoji';
import { useText } from '@connector/i18n';
import { appended } from '@connector/sms-ui';
import { Button, Flex, SearchInput, Text } from '@hubspot/ui-extensions';
import { useState } from 'react';
import type { FieldProps } from '../field';

/** Emoji shown at first, and added by each press on the button. */
const PAGE = 32;

export function EmojiTool({ draft, edit, readOnly }: FieldProps) {
  const { t } = useText();
  const [query, setQuery] = useState('');
  const [shown, setShown] = useState(PAGE);
  const found = searchEmoji(query);
  const search = (words: string) => {
    if (words === query) return;
    setQuery(words);
    setShown(PAGE);
  };
  return (
    <Flex direction="column" gap="sm">
      <SearchInput
        name="emoji"
        label={t('compose.emoji.search')}
        placeholder={t('compose.emoji.placeholder')}
        value={query}
        onInput={search}
        onChange={search}
      />
      <EmojiGrid
        emoji={found.slice(0, shown)}
        disabled={readOnly}
        onPick={(emoji) => edit({ text: withEmoji(draft.text, emoji) })}
      />
      {!found.length && <Text variant="microcopy">{t('compose.emoji.none')}</Text>}
      {found.length > shown && (
        <Flex direction="row">
          <Button size="xs" onClick={() => setShown(shown + PAGE)}>
            {t('compose.emoji.more')}
          </Button>
        </Flex>
      )}
    </Flex>
  );
}

/** A blank separates the emoji from a word or link before it, but not from another emoji. */
function withEmoji(text: string, emoji: string): string {
  return /[\p{Extended_Pictographic}\ufe0f]$/u.test(text) ? text + emoji : appended(text, emoji);
}

interface EmojiGridProps {
  emoji: string[];
  disabled: boolean;
  onPick: (emoji: string) => void;
}

function EmojiGrid({ emoji, disabled, onPick }: EmojiGridProps) {
  return (
    <Flex direction="row" gap="flush" wrap>
      {emoji.map((each) => (
        <Button key={each} size="sm" variant="transparent" disabled={disabled} onClick={() => onPick(each)}>
          {each}
        </Button>
      ))}
    </Flex>
  );
}

/** Emoji for the text, found by French or English words. */
import { searchEmoji } from '@connector/emoji';
import { useText } from '@connector/i18n';
import { inserted, useMarks } from '@connector/sms-ui';
import { Button, Flex, SearchInput, Text } from '@hubspot/ui-extensions';
import { useState } from 'react';
import type { FieldProps } from '../field';
import { fitDraft } from '../review';

/** Emoji shown at first, and added by each press on the button. */
const PAGE = 32;

export function EmojiTool({ data, draft, review, edit, readOnly }: FieldProps) {
  const { t } = useText();
  const { markOf } = useMarks();
  const [query, setQuery] = useState('');
  const [shown, setShown] = useState(PAGE);
  const found = searchEmoji(query);
  const search = (words: string) => {
    if (words === query) return;
    setQuery(words);
    setShown(PAGE);
  };
  /** An emoji that makes the SMS dearer allows special characters, which can be undone. */
  const pick = (emoji: string) => {
    const put = inserted(draft.text, draft.cursor, emoji);
    const isDearer = fitDraft({ ...draft, ...put }, review.sender, data, markOf).kind === 'dearer';
    if (!isDearer || review.fit.kind === 'dearer') return edit(put);
    const before = { text: draft.text, cursor: draft.cursor, unicode: false };
    return edit({ ...put, unicode: true }, { made: { kind: 'allowed', characters: [emoji] }, before });
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
      <EmojiGrid emoji={found.slice(0, shown)} disabled={readOnly} onPick={pick} />
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

/** The targets of a sent message's short links: each mark of its text with its address. */
import { useMarks } from '@connector/sms-ui';
import { Link, Text } from '@hubspot/ui-extensions';

/** Characters of an address that fit a line of the card; the link has the full address. */
const SHOWN = 40;

/** `text`: the shown text; a shortened one lists only the links whose marks it contains. */
export function LinkTargets({ links, text }: { links: (string | null)[]; text: string }) {
  const { markOf } = useMarks();
  return links.map((url, index) => {
    const mark = markOf(index + 1);
    if (url === null || !text.includes(mark)) return null;
    return (
      <Text key={mark} variant="microcopy">
        {mark} <Link href={{ url, external: true }}>{shortAddress(url)}</Link>
      </Text>
    );
  });
}

function shortAddress(url: string): string {
  const characters = Array.from(url.replace(/^https?:\/\//i, ''));
  return characters.length > SHOWN ? `${characters.slice(0, SHOWN - 1).join('')}…` : characters.join('');
}

/** The SMS as its recipient reads it: replaced characters stand out, and each further SMS is marked at its beginning. */
import { useText } from '@connector/i18n';
import {
  partStarts,
  SHORT_URL_TAG,
  showLinks,
  STOP_TAG,
  useMarks,
  withStopTag,
  type Marks,
  type SmsContent,
} from '@connector/sms-ui';
import { Flex, Tag, Text, Tile } from '@hubspot/ui-extensions';
import { Fragment } from 'react';
import type { CardData } from '@connector/api';

/** Start and end of a place in a text. */
export type Place = readonly [number, number];

interface BubbleProps {
  /** As sent, with the gateway's placeholders. */
  sms: SmsContent;
  /** The numbers of its links, in their order. */
  links: readonly number[];
  changed: readonly Place[];
  limits: CardData;
}

export function Bubble({ sms, links, changed, limits }: BubbleProps) {
  const marks = useMarks();
  const text = withStopTag(sms);
  const lines = linesOf(text, changed, partStarts(text, limits));
  const waiting = [...links];
  return (
    <Tile compact>
      <Flex direction="column" gap="flush">
        {lines.map((pieces, index) => (
          // Lines may be equal and never move, so the index is their key.
          <Text key={index}>
            {pieces.length
              ? pieces.map((piece, at) => (
                  <Fragment key={at}>
                    {piece.part && <PartMark number={piece.part} />}
                    <Piece text={written(piece.text, waiting, marks)} isChanged={piece.isChanged} />
                  </Fragment>
                ))
              : '\u00a0'}
          </Text>
        ))}
      </Flex>
    </Tile>
  );
}

function PartMark({ number }: { number: number }) {
  const { t } = useText();
  return <Tag inline>{t('compose.preview.part', { number: String(number) })}</Tag>;
}

function Piece({ text, isChanged }: { text: string; isChanged: boolean }) {
  if (!isChanged) return text;
  return (
    <Text inline format={{ fontWeight: 'bold', lineDecoration: 'underline' }}>
      {text}
    </Text>
  );
}

interface PieceData {
  text: string;
  isChanged: boolean;
  /** The number of the SMS that begins here. */
  part: number | null;
}

/** The lines of a text, each cut where something about it changes. */
export function linesOf(text: string, changed: readonly Place[], starts: readonly number[]): PieceData[][] {
  const cuts = new Set<number>([0, ...changed.flat(), ...starts]);
  const lines: PieceData[][] = [];
  let start = 0;
  for (const line of text.split('\n')) {
    const end = start + line.length;
    const places = [...cuts].filter((cut) => cut > start && cut < end).sort((a, b) => a - b);
    const edges = [start, ...places, end];
    lines.push(
      edges.slice(0, -1).flatMap((from, index) => {
        const to = edges[index + 1] ?? end;
        if (from === to) return [];
        const part = starts.indexOf(from);
        return {
          text: text.slice(from, to),
          isChanged: changed.some(([first, last]) => first <= from && to <= last),
          part: part < 0 ? null : part + 2,
        };
      }),
    );
    start = end + 1;
  }
  return lines;
}

/** A piece with marks for the gateway's insertions; takes the numbers of its links from `waiting`. */
function written(piece: string, waiting: number[], { markOf, stop }: Marks): string {
  const numbers = waiting.splice(0, piece.split(SHORT_URL_TAG).length - 1);
  return showLinks(piece, numbers, markOf).replaceAll(STOP_TAG, stop);
}

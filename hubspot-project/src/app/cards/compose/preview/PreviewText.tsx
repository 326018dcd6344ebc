/** The text of a preview, with words in place of the gateway's insertions. */
import type { Preview } from '@connector/api';
import { SmsText, useMarks, withMarks } from '@connector/sms-ui';
import { Tile } from '@hubspot/ui-extensions';
import type { Composition } from '../useComposition';

export function PreviewText({ preview, composition }: { preview: Preview; composition: Composition }) {
  const marks = useMarks();
  const { draft, review } = composition;
  const sms = { text: preview.text, push_type: draft.pushType, sender: review.sender };
  return (
    <Tile compact>
      <SmsText text={withMarks(sms, review.wire.numbers, marks)} />
    </Tile>
  );
}

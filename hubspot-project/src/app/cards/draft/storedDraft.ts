/** Turns the composer's draft into the form that the backend stores, and back. */
import type { StoredDraft } from '@connector/api';
import { fromWire, joinWallClock, splitWallClock, toWire, type MarkOf } from '@connector/sms-ui';
import type { Draft } from '../compose/draft';

/** The parts of a number's key, `object type/record/property`; see `numberKey`. */
const KEY_PARTS = 3;

/** The stored form of a draft; null for one without a text, which is not worth a call. */
export function toStored(draft: Draft, markOf: MarkOf): StoredDraft | null {
  if (!draft.text.trim()) return null;
  const { text, links } = toWire(draft, markOf);
  const [type = null, id = null, property = null] = draft.recipient?.key.split('/') ?? [];
  return {
    text,
    links,
    push_type: draft.pushType,
    sender: draft.customSender ? draft.sender : null,
    unicode: draft.unicode,
    removes_special: draft.removesSpecial,
    property,
    number_object_type_id: type,
    number_object_id: id,
    recipient: draft.recipient?.number ?? null,
    send_at: draft.schedule && joinWallClock(draft.schedule.date, draft.schedule.time),
    template_id: draft.templateId,
  };
}

/** The composer's fields of a stored draft. */
export function fromStored(stored: StoredDraft, markOf: MarkOf): Partial<Draft> {
  const parts = [stored.number_object_type_id, stored.number_object_id, stored.property];
  const isChosen = stored.recipient !== null && parts.every((part) => part !== null);
  return {
    ...fromWire(stored.text, stored.links, markOf),
    pushType: stored.push_type,
    customSender: stored.sender !== null,
    sender: stored.sender ?? '',
    unicode: stored.unicode,
    removesSpecial: stored.removes_special,
    schedule: stored.send_at === null ? null : splitWallClock(stored.send_at),
    templateId: stored.template_id,
    templateName: null,
    cursor: null,
    labels: {},
    ...(isChosen && {
      recipient: { key: parts.slice(0, KEY_PARTS).join('/'), number: stored.recipient ?? '' },
    }),
  };
}

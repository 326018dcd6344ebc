/** The shapes of the answers about drafts. */
import * as z from 'zod/mini';
import { PUSH_TYPES } from './schemas';

/** The fields of a composer as the user left them; unchecked, so they may be incomplete. */
export const StoredDraft = z.object({
  /** With one `<-short->` for each of `links`, in order. */
  text: z.string(),
  links: z.array(z.string()),
  push_type: z.enum(PUSH_TYPES),
  /** Null: the gateway's default sender. */
  sender: z.nullable(z.string()),
  unicode: z.boolean(),
  removes_special: z.boolean(),
  /** The chosen number; null when none is chosen. */
  property: z.nullable(z.string()),
  number_object_type_id: z.nullable(z.string()),
  number_object_id: z.nullable(z.string()),
  recipient: z.nullable(z.string()),
  /** `YYYY-MM-DDTHH:MM` on the portal's clocks; null: now, or not fully chosen. */
  send_at: z.nullable(z.string()),
  template_id: z.nullable(z.string()),
});

/** The draft of this user and record. One that this version cannot read counts as none: it is only a help. */
export const DraftData = z.object({ draft: z.catch(z.nullable(StoredDraft), null) });

/** `is_newest` false: another tab has saved a newer draft, which stays. */
export const DraftSaved = z.object({ is_newest: z.boolean() });

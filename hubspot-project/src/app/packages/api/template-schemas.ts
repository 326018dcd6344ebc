/** The shapes of the answers about templates. */
import * as z from 'zod/mini';
import { Instant, PUSH_TYPES } from './schemas';

/** A text stored for the whole portal, with one `<-short->` for each of `links`. */
export const Template = z.object({
  id: z.string(),
  name: z.string(),
  text: z.string(),
  links: z.array(z.string()),
  push_type: z.enum(PUSH_TYPES),
  sender: z.nullable(z.string()),
  unicode: z.boolean(),
  version: z.number(),
  updated_at: Instant,
  /** HubSpot's id of the user who changed it last. */
  updated_by: z.nullable(z.coerce.string()),
  /** That user's e-mail address; null when HubSpot did not give it. */
  updated_by_email: z._default(z.nullable(z.string()), null),
});

export const TemplateData = z.object({ template: Template });
/** A page of templates, sorted by name. `next` requests the next page; null on the last one. */
export const TemplatesData = z.object({
  templates: z.array(Template),
  next: z._default(z.nullable(z.object({ after_name: z.string(), after_id: z.string() })), null),
});

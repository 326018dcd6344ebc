// The context of an extension (HubSpot docs, extension context).

import type { CrmRecord, Extension, Session } from '../api';
import type { ExtensionContext } from '../protocol';

/** `record` is null where there is none (settings). */
export function makeContext(
  session: Session,
  extension: Extension,
  record: CrmRecord | null,
): ExtensionContext {
  const { user, portal, app } = session;
  return {
    location: extension.type === 'settings' ? 'settings' : extension.location,
    user: {
      id: user.id,
      email: user.email,
      emails: [user.email],
      firstName: user.first_name,
      lastName: user.last_name,
      roles: [],
      teams: user.teams.map((team) => ({ ...team, teammates: team.teammates ?? [] })),
      permissions: user.permissions,
      language: user.language,
      locale: user.locale,
    },
    portal: { id: portal.id, timezone: portal.timezone },
    variables: extension.variables,
    extension: { appId: app.id, appName: app.name, cardTitle: extension.name },
    ...(record ? { crm: { objectId: Number(record.id), objectTypeId: record.object_type_id } } : {}),
  };
}

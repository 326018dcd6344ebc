// Which page an address shows. Addresses are HubSpot's.

export type Route =
  | { page: 'start' }
  | { page: 'contacts' }
  | { page: 'record'; typeId: string; id: string }
  | { page: 'app' }
  | { page: 'workflows' }
  | { page: 'workflow'; id: string | null }
  | { page: 'unknown' };

export const CONTACT_TYPE_ID = '0-1';

export function parseRoute(path: string): Route {
  const parts = path.split('/').filter(Boolean);
  if (parts.length === 0) return { page: 'start' };
  const [section, , kind, typeId, id] = parts;
  if (section === 'contacts' && kind === 'objects' && typeId === CONTACT_TYPE_ID) return { page: 'contacts' };
  if (section === 'contacts' && kind === 'record' && typeId && id) return { page: 'record', typeId, id };
  if (section === 'connected-apps' && kind === 'installed' && typeId) return { page: 'app' };
  if (section === 'contacts' && kind === 'workflows') {
    if (typeId === undefined) return { page: 'workflows' };
    return { page: 'workflow', id: typeId === 'new' ? null : typeId };
  }
  return { page: 'unknown' };
}

export const contactsPath = (portalId: number): string => `/contacts/${portalId}/objects/0-1/views/all/list`;

export const recordPath = (portalId: number, typeId: string, id: string): string =>
  `/contacts/${portalId}/record/${typeId}/${id}`;

export const appPath = (portalId: number, appId: number): string =>
  `/connected-apps/${portalId}/installed/${appId}`;

export const workflowsPath = (portalId: number): string => `/contacts/${portalId}/workflows`;

export const workflowPath = (portalId: number, id: string): string => `${workflowsPath(portalId)}/${id}`;

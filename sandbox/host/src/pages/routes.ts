// Maps addresses to pages. Addresses are HubSpot's.

import { kindOf, type ObjectKind } from './object-kinds';

export type Route =
  | { page: 'start' }
  | { page: 'list'; kind: ObjectKind }
  | { page: 'record'; kind: ObjectKind; id: string }
  | { page: 'app' }
  | { page: 'extension'; path: string }
  | { page: 'workflows' }
  | { page: 'workflow'; id: string | null }
  | { page: 'unknown' };

export function parseRoute(path: string): Route {
  const parts = path.split('/').filter(Boolean);
  if (parts.length === 0) return { page: 'start' };
  const [section, , what, typeId, id] = parts;
  if (section === 'app' && what) return { page: 'extension', path: `/${parts.slice(3).join('/')}` };
  if (section === 'connected-apps' && what === 'installed' && typeId) return { page: 'app' };
  if (section === 'contacts' && what === 'workflows') {
    if (typeId === undefined) return { page: 'workflows' };
    return { page: 'workflow', id: typeId === 'new' ? null : typeId };
  }
  const kind = section === 'contacts' && typeId ? kindOf(typeId) : undefined;
  if (kind && what === 'objects') return { page: 'list', kind };
  if (kind && what === 'record' && id) return { page: 'record', kind, id };
  return { page: 'unknown' };
}

export const listPath = (portalId: number, typeId: string): string =>
  `/contacts/${portalId}/objects/${typeId}/views/all/list`;

export const recordPath = (portalId: number, typeId: string, id: string): string =>
  `/contacts/${portalId}/record/${typeId}/${id}`;

export const appPath = (portalId: number, appId: number): string =>
  `/connected-apps/${portalId}/installed/${appId}`;

export const workflowsPath = (portalId: number): string => `/contacts/${portalId}/workflows`;

export const workflowPath = (portalId: number, id: string): string => `${workflowsPath(portalId)}/${id}`;

// The methods the worker may call on the page.

import { release, retain } from '@remote-ui/rpc';
import { hubspotFetch } from '../api';
import type { HostApi, ProblemReport } from '../protocol';
import type { RecordFeed } from './record-feed';

export function makeHostApi(
  uid: string,
  feed: RecordFeed | null,
  report: (problem: ProblemReport) => void,
): HostApi {
  const stops = new Map<string, () => void>();
  return {
    fetch: (request) => hubspotFetch(uid, request),
    async startCrmProperties({ id, names }, onUpdate) {
      if (!feed) throw new Error('There is no CRM record at this place');
      // Called repeatedly until `stopCrmProperties`. Without this, the rpc would release it after this call.
      retain(onUpdate);
      const unwatch = feed.watch(names, (properties) => onUpdate(properties));
      stops.set(id, () => {
        unwatch();
        release(onUpdate);
      });
      return feed.readProperties(names);
    },
    stopCrmProperties(id) {
      stops.get(id)?.();
      stops.delete(id);
    },
    report,
    log(level, data) {
      // eslint-disable-next-line no-console -- HubSpot shows the extension's log in the developer's console
      console[level](`[${uid}]`, data);
    },
  };
}

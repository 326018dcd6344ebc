// The steps of the start page completed in this browser: an SMS on a contact, a visit to the handsets.

type Visit = 'contact' | 'handsets';

export interface Progress {
  has(visit: Visit): boolean;
  add(visit: Visit): void;
  clear(): void;
}

export function progress(portalId: number): Progress {
  const key = `sandbox-visits-${portalId}`;
  const read = (): string[] => (localStorage.getItem(key) ?? '').split(' ');
  return {
    has: (visit) => read().includes(visit),
    add: (visit) => localStorage.setItem(key, [...new Set([...read(), visit])].join(' ').trim()),
    clear: () => localStorage.removeItem(key),
  };
}

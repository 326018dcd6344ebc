// Finds the value in a message that cannot be cloned, so that the developer learns which prop it was.

// Kind of a component in remote-ui's messages.
const KIND_COMPONENT = 1;

function isClonable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/** For example: `prop "title" of Alert (a symbol)`; falls back to the path inside the message. */
export function describeUnclonable(message: unknown): string {
  return find(message, '', new Set()) ?? 'a value';
}

function find(value: unknown, place: string, seen: Set<unknown>): string | null {
  if (isClonable(value)) return null;
  if (typeof value !== 'object' || value === null) return `${place || 'a value'} (a ${typeof value})`;
  if (seen.has(value)) return null;
  seen.add(value);
  const node = value as { kind?: unknown; type?: unknown; props?: unknown };
  if (node.kind === KIND_COMPONENT && typeof node.type === 'string' && typeof node.props === 'object') {
    for (const [name, prop] of Object.entries(node.props ?? {})) {
      const found = find(prop, `prop "${name}" of ${node.type}`, seen);
      if (found) return found;
    }
  }
  for (const [key, item] of Object.entries(value)) {
    // Outside a component this is a message that changes props: its keys are their names.
    const found = find(item, place || (Array.isArray(value) ? '' : `prop "${key}"`), seen);
    if (found) return found;
  }
  return `${place || 'a value'} (an object of class ${value.constructor?.name ?? 'unknown'})`;
}

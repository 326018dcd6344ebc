// Attributes on the outermost element of every HubSpot component, by which tests find it.

export interface RootProps {
  'data-hs': string;
  'data-testid'?: string;
}

export function root(name: string, props: { testId?: string }): RootProps {
  return props.testId === undefined ? { 'data-hs': name } : { 'data-hs': name, 'data-testid': props.testId };
}

/** Joins the class names that are not empty. */
export function classes(...names: (string | false | undefined)[]): string {
  return names.filter(Boolean).join(' ');
}

const SHORT: Record<string, string> = {
  'extra-small': 'xs',
  small: 'sm',
  medium: 'md',
  large: 'lg',
  'extra-large': 'xl',
  default: 'md',
};

/** HubSpot accepts long and short size names. */
export function size(value: string | undefined, fallback: string): string {
  return SHORT[value ?? ''] ?? value ?? fallback;
}

/** `var(--space-md)` for a distance such as `medium` or `md`; undefined stays undefined. */
export function space(value: string | undefined): string | undefined {
  return value === undefined ? undefined : `var(--space-${size(value, 'md')})`;
}

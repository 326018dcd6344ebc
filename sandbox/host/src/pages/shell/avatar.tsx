// The round mark of a person or thing: its initials.

import type { ReactElement } from 'react';

const COLOURS = ['#516f90', '#00708a', '#7c5295', '#b3541e', '#2f7d57', '#a63d57'];

/** The same name always gets the same colour. */
export function Avatar({ name, size }: { name: string; size: 'small' | 'large' }): ReactElement {
  const initials = name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');
  const sum = [...name].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  const background = COLOURS[sum % COLOURS.length];
  return (
    <span className={`hs-avatar hs-avatar-${size}`} style={{ background }} aria-hidden>
      {initials}
    </span>
  );
}

// The shape and display of the validator's problems.

/** Thrown when the project is not valid; `problems` is a non-empty list of {file, field, reason}. */
export class ProjectInvalid extends Error {
  constructor(problems) {
    super(`The HubSpot project is not valid:\n${problems.map(describe).join('\n')}`);
    this.name = 'ProjectInvalid';
    this.problems = problems;
  }
}

export function describe({ file, field, reason }) {
  return `  ${file}${field ? ` · ${field}` : ''}: ${reason}`;
}

/** Collects problems of one file: `add('config.name', 'is empty')`. */
export function collector(problems, file) {
  return (field, reason) => problems.push({ file, field, reason });
}

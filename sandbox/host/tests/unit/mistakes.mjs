// One test for each deliberate mistake in the mini project: the validator must report it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProjectInvalid } from '../../tools/problems.mjs';
import { validateProject } from '../../tools/validate-project.mjs';
import { copyProject } from './support.mjs';

/** The mistake of changing a JSON file. */
export const editing = (file, change) => (project) => project.edit(file, change);

/** Defines the tests. A mistake: [its name, the edit that makes it, the expected report]. */
export function finds(mistakes) {
  for (const [name, make, expected] of mistakes) {
    test(`finds: ${name}`, async (t) => {
      const project = copyProject(t);
      make(project);
      await assert.rejects(validateProject(project.folder, 'sandbox'), (error) => {
        assert.ok(error instanceof ProjectInvalid, error.stack);
        assert.match(error.message, expected);
        assert.ok(error.problems.every((problem) => problem.file && problem.reason));
        return true;
      });
    });
  }
}

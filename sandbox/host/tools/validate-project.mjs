// Validates a HubSpot project in one call: HubSpot's parser and our schemas first, then the cross-checks.

import fs from 'node:fs';
import path from 'node:path';
import { checkActions } from './check-actions.mjs';
import { checkApp } from './check-app.mjs';
import { checkEvents } from './check-events.mjs';
import { checkViews } from './check-views.mjs';
import { parseProject } from './parse-project.mjs';
import { ProjectInvalid } from './problems.mjs';

/** The parsed project (see parseProject). Throws ProjectInvalid with every problem found. */
export async function validateProject(projectFolder, profile) {
  const project = await parseProject(projectFolder, profile);
  if (!project.app) throw new ProjectInvalid([{ file: 'project', reason: 'has no component of type app' }]);
  const problems = [];
  checkApp(project, problems);
  checkViews(project, problems);
  checkEvents(project, problems);
  checkActions(project, problems);
  checkProfiles(project, problems);
  if (problems.length > 0) throw new ProjectInvalid(problems);
  return project;
}

/** Otherwise a variable missing in another profile would show only when that profile is uploaded. */
function checkProfiles({ sourceFolder, profile, variables }, problems) {
  const names = Object.keys(variables).sort();
  for (const file of fs.readdirSync(sourceFolder)) {
    const [, other] = /^hsprofile\.([^.]+)\.json$/.exec(file) ?? [];
    if (!other || other === profile) continue;
    const content = JSON.parse(fs.readFileSync(path.join(sourceFolder, file), 'utf8'));
    const theirs = Object.keys(content.variables ?? {}).sort();
    const differing = [
      ...names.filter((name) => !theirs.includes(name)),
      ...theirs.filter((name) => !names.includes(name)),
    ];
    if (differing.length > 0) {
      problems.push({
        file,
        field: 'variables',
        reason: `differ from profile ${profile}: ${differing.join(', ')}`,
      });
    }
  }
}

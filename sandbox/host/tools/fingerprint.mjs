// Content hashes that decide whether a build step can be skipped.

import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const SKIPPED_FOLDERS = new Set(['node_modules', '.git', '.cache', '__pycache__']);

function* filesBelow(folder) {
  const entries = fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) yield* filesBelow(full);
    else if (entry.isFile()) yield full;
  }
}

/** SHA-256 over names and contents of files and folders; a missing path counts as missing, not as an error. */
export function fingerprint(paths, extra = '') {
  const hash = crypto.createHash('sha256').update(`${process.version}\n${extra}\n`);
  for (const each of paths) {
    const stat = fs.statSync(each, { throwIfNoEntry: false });
    const files = !stat ? [] : stat.isDirectory() ? filesBelow(each) : [each];
    hash.update(`# ${path.basename(each)} ${stat ? '' : 'missing'}\n`);
    for (const file of files) {
      hash.update(`${path.relative(each, file)}\n`);
      hash.update(fs.readFileSync(file));
    }
  }
  return hash.digest('hex');
}

/** Remembers the fingerprints of the last build in `<out>/.state.json`. */
export class BuildState {
  constructor(out) {
    this.file = path.join(out, '.state.json');
    this.values = {};
    try {
      this.values = JSON.parse(fs.readFileSync(this.file, 'utf8'));
    } catch {
      // No state or an unreadable one: everything is built.
    }
  }

  isCurrent(step, value, outputs) {
    return this.values[step] === value && outputs.every((output) => fs.existsSync(output));
  }

  save(step, value) {
    this.values[step] = value;
    const temporary = `${this.file}.${process.pid}`;
    fs.writeFileSync(temporary, JSON.stringify(this.values, null, 2));
    fs.renameSync(temporary, this.file);
  }
}

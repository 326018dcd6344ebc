// The project's own workflow actions have the same texts in French and English.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parseProject } from '../../tools/parse-project.mjs';
import { HOST, stagedProject } from './support.mjs';

const SEGMENT = 'segment-of-the-test';
const { components } = await parseProject(stagedProject(test, SEGMENT), 'sandbox');
const actions = components.filter((component) => component.type === 'workflow-action');

/** Every text of a language by its place, for instance `inputFieldLabels.sender`. */
function textsOf(labels, prefix = '') {
  return Object.entries(labels).flatMap(([name, value]) =>
    typeof value === 'string' ? [[prefix + name, value]] : textsOf(value, `${prefix}${name}.`),
  );
}

/** Reasons that end a wait, as docs/errors.md lists them for messages that did not arrive or did not leave. */
const ENDS = /^\| `(\w+)` \| `(refused|undelivered|expired|unresolved|cancelled|blocked|too_late)`/gm;
const endings = [...readFileSync(path.join(HOST, '../../docs/errors.md'), 'utf8').matchAll(ENDS)].map(
  ([, reason]) => reason,
);

/** Rare reasons, or faults of ours: the general sentence with the code suffices. no_receipt is no failure. */
const RARE = [
  'gateway_invalid',
  'country_limit',
  'duplicated',
  'filtered',
  'not_sent',
  'route_not_available',
  'no_receipt',
];

const tokensOf = (text) => [...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, name]) => name).sort();

test('there are two actions, with permanent addresses', () => {
  const addresses = Object.fromEntries(actions.map(({ uid, config }) => [uid, config.actionUrl]));
  assert.deepEqual(addresses, {
    send_sms: `https://connector.sandbox.example/hubspot/workflow/${SEGMENT}/send-sms`,
    send_sms_deal: `https://connector.sandbox.example/hubspot/workflow/${SEGMENT}/send-sms-deal`,
  });
});

for (const { uid, config } of actions) {
  test(`${uid}: French and English have the same texts and tokens`, () => {
    const french = new Map(textsOf(config.labels.fr));
    const english = new Map(textsOf(config.labels.en));
    assert.deepEqual([...french.keys()].sort(), [...english.keys()].sort());
    for (const [place, text] of english) assert.deepEqual(tokensOf(french.get(place)), tokensOf(text), place);
  });

  test(`${uid}: every fixed option, output status and input is explained`, () => {
    for (const labels of Object.values(config.labels)) {
      for (const { typeDefinition } of config.inputFields) {
        // Labels such as "Message" still need an explanation of the empty field.
        assert.ok(labels.inputFieldDescriptions[typeDefinition.name], typeDefinition.name);
        const options = typeDefinition.options ?? [];
        options.forEach(({ value }) => assert.ok(labels.inputFieldOptionLabels[typeDefinition.name][value]));
      }
    }
    const { options } = config.outputFields.find(
      (each) => each.typeDefinition.name === 'status',
    ).typeDefinition;
    // A rule with conditions besides the status covers a special case of it.
    const general = config.executionRules.filter(
      ({ conditions }) => Object.keys(conditions).join() === 'status',
    );
    const ruled = general.map(({ conditions }) => conditions.status);
    assert.deepEqual(ruled.sort(), options.map((option) => option.value).sort());
    for (const { labelName } of config.executionRules) {
      for (const labels of Object.values(config.labels))
        assert.ok(labels.executionRules[labelName], labelName);
    }
  });

  test(`${uid}: a reader meets a sentence and not a code`, () => {
    assert.ok(endings.length > 15);
    const rules = config.executionRules;
    const said = rules.flatMap(({ conditions }) => conditions.reason ?? []);
    assert.deepEqual(endings.filter((reason) => !said.includes(reason)).sort(), RARE.toSorted());
    // The first rule that holds is shown, so special rules come before general ones.
    const firstGeneral = rules.findIndex(({ conditions }) => !conditions.reason);
    assert.ok(rules.slice(firstGeneral).every(({ conditions }) => !conditions.reason));
  });
}

// Pure parts of worker and pages.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importSource } from './support.mjs';

const component = (props) => [
  5,
  ['call', 'channel', [0, [{ id: '1', kind: 1, type: 'Alert', props, children: [] }]]],
];

test('names the prop that cannot be sent', async (t) => {
  const { describeUnclonable } = await importSource(t, 'worker/unclonable.ts');
  assert.equal(describeUnclonable(component({ title: Symbol('x') })), 'prop "title" of Alert (a symbol)');
  const nested = component({ options: [{ value: { $$typeof: Symbol('react.element') } }] });
  assert.equal(describeUnclonable(nested), 'prop "options" of Alert (a symbol)');
  assert.equal(
    describeUnclonable([5, ['call', 'f', [4, '1', { title: Symbol('x') }]]]),
    'prop "title" (a symbol)',
  );
  assert.equal(
    describeUnclonable(component({ title: Promise.resolve() })),
    'prop "title" of Alert (an object of class Promise)',
  );
});

test('forbidden globals throw with advice; tested ones are absent', async (t) => {
  const { removeForbiddenGlobals } = await importSource(t, 'worker/forbidden.ts');
  const scope = { fetch: () => 1, navigator: {} };
  removeForbiddenGlobals(scope);
  assert.throws(() => scope.fetch, /fetch is not available in a UI extension: use hubspot\.fetch/);
  assert.equal(typeof scope.navigator, 'undefined');
});

test('event templates: tokens, blocks, escaping', async (t) => {
  const { fillTemplate } = await importSource(t, 'pages/records/handlebars-subset.ts');
  const fill = (template, values) => fillTemplate(template, values, (date) => `<${date}>`);
  assert.equal(fill('To **{{name}}**', { name: 'A & <b>' }), 'To **A &amp; &lt;b&gt;**');
  assert.equal(fill('{{#if a}}yes{{else}}no{{/if}}', { a: '' }), 'no');
  assert.equal(fill('{{#if a}}yes{{else}}no{{/if}}', { a: '0' }), 'yes');
  assert.equal(
    fill('{{#each extraData.links}}{{this.url}};{{/each}}', {
      extraData: { links: [{ url: 'a' }, { url: 'b' }] },
    }),
    'a;b;',
  );
  assert.equal(fill('{{#formatDate timestamp}}{{/formatDate}}', { timestamp: '2026' }), '&lt;2026&gt;');
  assert.equal(fill('{{missing}}{{constructor}}', {}), '');
  assert.throws(() => fill('{{#unless a}}x{{/unless}}', {}), /not documented/);
});

test('addresses are HubSpot’s', async (t) => {
  const { parseRoute } = await importSource(t, 'pages/routes.ts');
  assert.deepEqual(parseRoute('/'), { page: 'start' });
  for (const [typeId, key] of [
    ['0-1', 'contacts'],
    ['0-2', 'companies'],
    ['0-3', 'deals'],
  ]) {
    const list = parseRoute(`/contacts/1/objects/${typeId}/views/all/list`);
    assert.deepEqual([list.page, list.kind.key], ['list', key]);
    const record = parseRoute(`/contacts/1/record/${typeId}/501`);
    assert.deepEqual([record.page, record.kind.key, record.id], ['record', key, '501']);
  }
  assert.deepEqual(parseRoute('/contacts/1/record/0-9/501'), { page: 'unknown' });
  assert.deepEqual(parseRoute('/connected-apps/1/installed/2'), { page: 'app' });
  assert.deepEqual(parseRoute('/else/where'), { page: 'unknown' });
});

test('dates count months from 0', async (t) => {
  const { dateText, parseDate, parseTime, timeText } = await importSource(
    t,
    'components/fields/date-fields.tsx',
  );
  assert.deepEqual(parseDate('2026-11-05'), { year: 2026, month: 10, date: 5 });
  assert.equal(dateText({ year: 2026, month: 0, date: 9 }), '2026-01-09');
  assert.equal(parseDate('tomorrow'), null);
  assert.deepEqual(parseTime('08:05'), { hours: 8, minutes: 5 });
  assert.equal(timeText({ hours: 8, minutes: 5 }), '08:05');
});

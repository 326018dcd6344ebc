// The validator reports mistakes in app events, workflow actions and webhooks, each with its file and a useful reason.

import { editing, finds } from './mistakes.mjs';

const APP = 'src/app/app-hsmeta.json';
const EVENT = 'src/app/app-events/sent-hsmeta.json';
const ACTION = 'src/app/workflow-actions/send-hsmeta.json';
const PROFILE = 'src/hsprofile.sandbox.json';
const auth = (change) => editing(APP, ({ config }) => change(config.auth));
const labels = (change) => editing(ACTION, ({ config }) => change(config.labels.en));

/** [name of the mistake, the edit that makes it, the expected report: "file · field: reason"]. */
const MISTAKES = [
  [
    'event name too long',
    editing(PROFILE, (c) => (c.variables.EVENT_NAME = 'x'.repeat(51))),
    /sent-hsmeta\.json · config\.name.*50/,
  ],
  [
    'unknown object type of an event',
    editing(EVENT, ({ config }) => (config.objectType = 'CONTACTS')),
    /config\.objectType/,
  ],
  [
    'unknown token in an event',
    editing(EVENT, ({ config }) => (config.headerTemplate = 'To {{recipent}}')),
    /headerTemplate: unknown token \{\{recipent\}\}/,
  ],
  [
    'unknown token inside a block',
    editing(EVENT, ({ config }) => (config.detailTemplate = '{{#if text}}{{txt}}{{/if}}')),
    /unknown token \{\{txt\}\}/,
  ],
  [
    'unclosed block in an event',
    editing(EVENT, ({ config }) => (config.detailTemplate = '{{#if text}}x')),
    /not a Handlebars template/,
  ],
  [
    'undocumented helper in an event',
    editing(EVENT, ({ config }) => (config.detailTemplate = '{{#unless text}}x{{/unless}}')),
    /unless/,
  ],
  [
    'enumeration without options',
    editing(EVENT, ({ config }) => delete config.properties[3].options),
    /options/,
  ],
  [
    'event property declared twice',
    editing(EVENT, ({ config }) => config.properties.push(config.properties[0])),
    /recipient is declared twice/,
  ],
  [
    'app events without the scope',
    auth((a) => (a.requiredScopes = a.requiredScopes.filter((s) => s !== 'timeline'))),
    /need the scope timeline/,
  ],
  [
    'action URL over http',
    editing(ACTION, ({ config }) => (config.actionUrl = 'http://a.example/')),
    /config\.actionUrl/,
  ],
  [
    'unknown field type',
    editing(ACTION, ({ config }) => (config.inputFields[0].typeDefinition.fieldType = 'areatext')),
    /fieldType/,
  ],
  ['label of no field', labels((l) => (l.inputFieldLabels.txt = 'Text')), /inputFieldLabels.*no field txt/],
  ['field without label', labels((l) => delete l.inputFieldLabels.text), /text has no label/],
  ['label of no option', labels((l) => (l.inputFieldOptionLabels.kind.urgent = 'U')), /no option urgent/],
  [
    'unknown token in the action card',
    labels((l) => (l.actionCardContent = '{{txt}}')),
    /actionCardContent.*txt/,
  ],
  [
    'rule on no output field',
    editing(ACTION, ({ config }) => (config.executionRules[0].conditions = { state: 'x' })),
    /no output field state/,
  ],
  [
    'rule that can never match',
    editing(ACTION, ({ config }) => {
      Object.assign(config.outputFields[0].typeDefinition, {
        type: 'enumeration',
        fieldType: 'select',
        options: [{ value: 'sent', label: 'Sent' }],
      });
    }),
    /executionRules\.failed.*status has no option failed/,
  ],
  [
    'two rules of one name',
    editing(ACTION, ({ config }) => config.executionRules.push(config.executionRules[0])),
    /executionRules\.failed.*used twice/,
  ],
  [
    'options of a text',
    editing(ACTION, ({ config }) => (config.inputFields[0].typeDefinition.optionsUrl = 'https://a.example/')),
    /config\.text.*only an enumeration/,
  ],
  [
    'option without label',
    editing(ACTION, ({ config }) =>
      config.inputFields[1].typeDefinition.options.push({ value: 'other', label: 'Other' }),
    ),
    /inputFieldOptionLabels\.kind.*option other has no label/,
  ],
  [
    'no English labels',
    editing(ACTION, ({ config }) => (config.labels = { fr: config.labels.en })),
    /labels\.en/,
  ],
  [
    'property change without a property',
    (p) =>
      p.write(
        'src/app/webhooks/hooks-hsmeta.json',
        JSON.stringify({
          uid: 'hooks',
          type: 'webhooks',
          config: {
            settings: { targetUrl: 'https://a.example/', maxConcurrentRequests: 10 },
            subscriptions: {
              crmObjects: [
                { subscriptionType: 'object.propertyChange', objectType: 'contact', active: true },
              ],
            },
          },
        }),
      ),
    /hooks-hsmeta\.json.*propertyName/,
  ],
];

finds(MISTAKES);

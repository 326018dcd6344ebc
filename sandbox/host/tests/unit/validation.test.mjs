// The validator reports mistakes in the project, its profiles, the app and its views, each with its file and a useful reason.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateProject } from '../../tools/validate-project.mjs';
import { copyProject } from './support.mjs';
import { editing, finds } from './mistakes.mjs';

const APP = 'src/app/app-hsmeta.json';
const CARD = 'src/app/cards/tour-hsmeta.json';
const SETTINGS = 'src/app/settings/settings-hsmeta.json';
const PROFILE = 'src/hsprofile.sandbox.json';
const auth = (change) => editing(APP, ({ config }) => change(config.auth));

/** [name of the mistake, the edit that makes it, the expected report: "file · field: reason"]. */
const MISTAKES = [
  ['no hsproject.json', (p) => p.remove('hsproject.json'), /hsproject\.json.*missing/],
  [
    'unknown key in hsproject.json',
    editing('hsproject.json', (c) => (c.autodeploy = true)),
    /hsproject\.json.*autodeploy/,
  ],
  [
    'unknown platform version',
    editing('hsproject.json', (c) => (c.platformVersion = '2031.01')),
    /platformVersion/,
  ],
  ['srcDir outside the project', editing('hsproject.json', (c) => (c.srcDir = '..')), /srcDir/],
  ['missing profile', (p) => p.remove(PROFILE), /hsprofile\.sandbox\.json.*missing/],
  [
    'profile without account',
    editing(PROFILE, (c) => delete c.accountId),
    /hsprofile\.sandbox\.json.*accountId/,
  ],
  ['object as a profile variable', editing(PROFILE, (c) => (c.variables.BACKEND_URL = {})), /BACKEND_URL/],
  ['missing profile variable', editing(PROFILE, (c) => delete c.variables.EVENT_NAME), /EVENT_NAME/],
  [
    'profiles that differ',
    (p) =>
      p.write(
        'src/hsprofile.production.json',
        '{"accountId": 1, "variables": {"BACKEND_URL": "https://a.example"}}',
      ),
    /hsprofile\.production\.json · variables.*EVENT_NAME/,
  ],
  ['broken JSON', (p) => p.write(CARD, '{'), /tour-hsmeta\.json: Invalid JSON/],
  ['unknown top-level key', editing(CARD, (c) => (c.version = 1)), /tour-hsmeta\.json.*version/],
  ['bad uid', editing(CARD, (c) => (c.uid = 'tour card')), /tour-hsmeta\.json.*uid/],
  ['uid used twice', editing(CARD, (c) => (c.uid = 'mini_settings')), /Duplicate uid 'mini_settings'/],
  ['unknown type', editing(CARD, (c) => (c.type = 'widget')), /widget/i],
  [
    'wrong folder for the type',
    (p) => p.move(CARD, 'src/app/settings/tour-hsmeta.json'),
    /tour-hsmeta\.json.*directory/,
  ],
  ['ignored folder', (p) => p.move(CARD, 'src/app/cards/deep/tour-hsmeta.json'), /cards\/deep.*ignores/],
  ['no app', (p) => p.remove(APP), /app/],
  [
    'two settings pages',
    (p) =>
      p.write(
        'src/app/settings/b-hsmeta.json',
        '{"uid":"b","type":"settings","config":{"entrypoint":"/app/settings/Settings.tsx"}}',
      ),
    /Only one settings/,
  ],
  [
    'app name too long',
    editing(APP, ({ config }) => (config.name = 'x'.repeat(201))),
    /app-hsmeta\.json · config\.name.*200/,
  ],
  ['app name with a space at its end', editing(APP, ({ config }) => (config.name = 'Mini ')), /config\.name/],
  ['unknown key in the app', editing(APP, ({ config }) => (config.logos = 'a.png')), /config.*logos/],
  [
    'missing logo file',
    editing(APP, ({ config }) => (config.logo = 'app/missing.png')),
    /config\.logo.*no file/,
  ],
  [
    'unknown distribution',
    editing(APP, ({ config }) => (config.distribution = 'public')),
    /config\.distribution/,
  ],
  ['marketplace app with static auth', auth((a) => (a.type = 'static')), /config\.auth\.type.*oauth/],
  ['oauth without redirect URL', auth((a) => delete a.redirectUrls), /redirectUrls/],
  ['redirect URL over http', auth((a) => (a.redirectUrls = ['http://example.com/'])), /redirectUrls/],
  [
    'unknown scope',
    auth((a) => a.requiredScopes.push('crm.objects.contact.read')),
    /unknown scope crm\.objects\.contact\.read/,
  ],
  [
    'scope asked for twice',
    auth((a) => a.optionalScopes.push('timeline')),
    /timeline is already in requiredScopes/,
  ],
  ['no oauth scope', auth((a) => a.requiredScopes.shift()), /must include oauth/],
  [
    'permitted URL over http',
    editing(APP, ({ config }) => (config.permittedUrls.fetch = ['http://a.example'])),
    /permittedUrls\.fetch/,
  ],
  [
    'permitted URL on this machine',
    editing(APP, ({ config }) => (config.permittedUrls.fetch = ['https://localhost:4802'])),
    /permittedUrls\.fetch.*cannot reach/,
  ],
  [
    'phone number of support',
    editing(APP, ({ config }) => (config.support.supportPhone = '01 02 03')),
    /supportPhone/,
  ],
  [
    'missing entry file',
    editing(CARD, ({ config }) => (config.entrypoint = '/app/cards/Tuor.tsx')),
    /config\.entrypoint.*Tuor/,
  ],
  [
    'entry file elsewhere',
    editing(SETTINGS, ({ config }) => (config.entrypoint = '/app/cards/Tour.tsx')),
    /settings-hsmeta\.json · config\.entrypoint/,
  ],
  [
    'unknown location',
    editing(CARD, ({ config }) => (config.location = 'crm.record.side')),
    /config\.location/,
  ],
  [
    'unknown object type',
    editing(CARD, ({ config }) => (config.objectTypes = ['contract'])),
    /config\.objectTypes/,
  ],
  [
    'object type without its scope',
    editing(CARD, ({ config }) => config.objectTypes.push('deals')),
    /deal needs the scope crm\.objects\.deals\.read/,
  ],
  [
    'object type named twice',
    editing(CARD, ({ config }) => config.objectTypes.push('CONTACT')),
    /one type twice/,
  ],
  [
    'missing preview image',
    editing(CARD, ({ config }) => (config.previewImage = { file: './a.png', altText: 'a' })),
    /previewImage\.file/,
  ],
  [
    'two entry files of one name',
    (p) => {
      p.write('src/app/settings/Tour.tsx', '');
      p.edit(SETTINGS, ({ config }) => (config.entrypoint = '/app/settings/Tour.tsx'));
    },
    /also called Tour/,
  ],
];

test('the mini project is valid', async (t) => {
  const project = await validateProject(copyProject(t).folder, 'sandbox');
  assert.equal(project.accountId, 145000001);
  assert.equal(project.app.config.permittedUrls.fetch[0], 'https://connector.sandbox.example');
  assert.deepEqual(project.components.map((each) => each.type).sort(), [
    'app-event',
    'card',
    'settings',
    'workflow-action',
  ]);
});

finds(MISTAKES);

/** Shared by the tests of the extensions; no extension imports it. */
export {
  aBadNumber,
  aCard,
  aMessage,
  anAccount,
  aNumber,
  aPhoneProperty,
  aPreview,
  aScheduled,
  aStoredDraft,
  aTemplate,
  someOutgoing,
  somePreferences,
  someSettings,
} from './builders';
export { FakeApi, pending, settled } from './fake-api';
export { renderer } from './render';

// HubSpot's rules for its worker, TypeScript's recommended ones, and this project's own house rules.
import js from '@eslint/js';
import { config as hubspot } from '@hubspot/eslint-config-ui-extensions';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const TEXT_PROPS =
  'title|label|placeholder|description|tooltip|validationMessage|screenReaderText|aria-label';
const houseRules = {
  text: {
    selector: 'JSXText[value=/\\p{L}/u]',
    message: 'Texts live in packages/i18n, in French and English.',
  },
  textProp: {
    selector: `JSXAttribute[name.name=/^(${TEXT_PROPS})$/] > Literal`,
    message: 'Texts live in packages/i18n, in French and English.',
  },
  fetch: {
    selector: "MemberExpression[object.name='hubspot'][property.name='fetch']",
    message: 'Only packages/api/client.ts calls the backend.',
  },
};
const restricted = (...names) => ['error', ...names.map((name) => houseRules[name])];

export default tseslint.config(
  { ignores: ['**/node_modules/'] },
  js.configs.recommended,
  tseslint.configs.strict,
  ...hubspot,
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      '@hubspot/ui-extensions/no-console': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': restricted('text', 'textProp', 'fetch'),
    },
  },
  {
    files: ['packages/api/client.ts'],
    rules: { 'no-restricted-syntax': restricted('text', 'textProp') },
  },
  {
    // A describe block need not be read as one function, and texts in a test are those that a user reads.
    files: ['**/*.test.{ts,tsx}', '**/testing/*'],
    rules: { 'max-lines-per-function': 'off', 'no-restricted-syntax': 'off' },
  },
);

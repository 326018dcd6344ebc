/** The public part of the texts, for the extensions. */
export { formatCharacters, formatList, formatPhone } from './format';
export {
  countryText,
  errorText,
  numberLabel,
  numberProblemText,
  problemText,
  problemTitle,
  propertyText,
  reasonText,
  warningText,
  type Doing,
} from './problems';
export { createTranslate, pickLanguage, type Language, type TextKey, type Translate } from './translate';
export { useText, type Text } from './useText';

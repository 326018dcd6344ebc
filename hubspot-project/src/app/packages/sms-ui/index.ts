/** The public part of the shared views and hooks, for the extensions. */
export { AskingButton } from './AskingButton';
export { balanceText, isBalanceKnown } from './balance';
export { MessageStatusTag } from './MessageStatusTag';
export { RemoteView } from './RemoteView';
export { cleanText } from './characters';
export {
  fitText,
  rewriteToGsm7,
  withoutUnits,
  type Fit,
  type Replacement,
  type Rewrite,
} from './gsm7-rewrite';
export {
  addsStopMention,
  countedText,
  countSegments,
  notGsm7,
  STOP_TAG,
  type Limits,
  type Segments,
} from './segments';
export {
  fromWire,
  linkNumbers,
  MAX_LINKS,
  nextNumber,
  readUrl,
  showLinks,
  toWire,
  withMarks,
  withoutLink,
  withStopPlaced,
  type LinkedText,
  type MarkOf,
  type Marks,
  type ShortLink,
  type WireText,
} from './short-links';
export { SmsText, useMarks } from './SmsText';
export { messageTitle, needsExplanation, neverLeft, STATUS_TONES, type Tone } from './status';
export { appended, tokenNames, tokenOf, withoutTokens } from './tokens';
export { useCall, type Call } from './useCall';
export { usePolling } from './usePolling';
export { useRemote, type Remote, type RemoteControl } from './useRemote';
export { joinWallClock, splitWallClock, utcOffset, wallClock } from './wall-clock';

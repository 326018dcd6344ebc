/** The public part of the shared views and hooks, for the extensions. */
export { AskingButton } from './AskingButton';
export { balanceText, isBalanceKnown } from './balance';
export { MessageStatusTag } from './MessageStatusTag';
export { RemoteView } from './RemoteView';
export { cleanText } from './characters';
export {
  fitText,
  rewriteToGsm7,
  specialUnits,
  withoutUnits,
  type Fit,
  type Replacement,
  type Rewrite,
} from './gsm7-rewrite';
export {
  addsStopMention,
  countedText,
  countSegments,
  doubleWidth,
  notGsm7,
  partStarts,
  roomOf,
  SHORT_URL_TAG,
  STOP_TAG,
  type Encoding,
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
  typedAddress,
  withMarks,
  withoutLink,
  withStopPlaced,
  withStopTag,
  type LinkedText,
  type MarkOf,
  type Marks,
  type ShortLink,
  type SmsContent,
  type WireText,
} from './short-links';
export { SmsText, useMarks } from './SmsText';
export { messageTitle, needsExplanation, neverLeft, STATUS_TONES, type Tone } from './status';
export {
  appended,
  changedUntil,
  inserted,
  opensToken,
  tokenNames,
  tokenOf,
  withoutTokens,
  withValues,
  type TokenValues,
} from './tokens';
export { useCall, type Call } from './useCall';
export { usePolling } from './usePolling';
export { useRemote, type Remote, type RemoteControl } from './useRemote';
export { clockChange, joinWallClock, splitWallClock, utcOffset, wallClock } from './wall-clock';

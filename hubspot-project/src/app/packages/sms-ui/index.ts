/** What the extensions may use of the shared views and hooks. */
export { balanceText, isBalanceKnown } from './balance';
export { MessageStatusTag } from './MessageStatusTag';
export { RemoteView } from './RemoteView';
export {
  addsStopMention,
  countedText,
  countSegments,
  MAX_PARTS,
  notGsm7,
  STOP_MENTION_UNITS,
  type Segments,
} from './segments';
export { needsExplanation, neverLeft, STATUS_TONES, type Tone } from './status';
export { usePolling } from './usePolling';
export { useRemote, type Remote, type RemoteControl } from './useRemote';

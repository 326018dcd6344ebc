/** The one error that a call to the backend may end with, and every code that has a sentence of its own. */

/** Codes of the backend, and `unreachable`: the view's own, for no answer or one that makes no sense. */
export const ERROR_CODES = [
  'bad_request',
  'account_not_linked',
  'number_missing',
  'number_invalid',
  'number_not_mobile',
  'number_changed',
  'text_empty',
  'text_too_long',
  'text_not_gsm7',
  'text_tokens_invalid',
  'property_missing',
  'url_invalid',
  'link_count_wrong',
  'sender_invalid',
  'schedule_in_past',
  'country_not_allowed',
  'key_reused',
  'record_not_found',
  'opted_out',
  'opted_out_again',
  'consent_not_removed',
  'message_not_cancellable',
  'template_not_found',
  'template_name_taken',
  'template_changed',
  'forbidden',
  'hubspot_unavailable',
  'hubspot_unauthorised',
  'hubspot_scope_missing',
  'hubspot_refused',
  'gateway_unavailable',
  'token_refused',
  'internal',
  'signature_invalid',
  'portal_missing',
  'portal_not_installed',
  'unreachable',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Why a message has the status it has, as the backend says it. */
export const MESSAGE_REASONS = [
  'gateway_unreachable',
  'gateway_auth',
  'gateway_no_credits',
  'membership_pending',
  'portal_paused',
  'hourly_cap',
  'gateway_invalid',
  'blacklisted',
  'npai',
  'invalid_number',
  'not_allowed',
  'flood',
  'country_limit',
  'duplicated',
  'filtered',
  'no_receipt',
  'not_found',
  'account_gone',
  'not_sent',
  'not_delivered',
  'invalid_destination',
  'invalid_sender',
  'route_not_available',
  'rejected',
  'network_error',
  'expired',
  'opted_out',
  'country_not_allowed',
  'legal_hours',
  'wait_over',
  'too_old',
  'unknown_code',
] as const;

export type MessageReason = (typeof MESSAGE_REASONS)[number];

/** Codes after which nobody can tell whether the call was carried out. */
const UNDECIDED: readonly string[] = ['internal', 'unreachable'] satisfies ErrorCode[];

/** A call that did not end well. `code` may be one that this version does not know. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly code: string,
    readonly params: Record<string, unknown> = {},
  ) {
    super(code);
  }

  /** False: the backend said no and did nothing. True: it may or may not have done what was asked. */
  get undecided(): boolean {
    return UNDECIDED.includes(this.code);
  }
}

/** Whatever was thrown, as an `ApiError`: a defect of the view must look like trouble, never like an answer. */
export function toApiError(thrown: unknown): ApiError {
  return thrown instanceof ApiError ? thrown : new ApiError('unreachable');
}

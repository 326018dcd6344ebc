/** The one error of calls to the backend, and every code with a sentence of its own. */

/** Codes of the backend, and the view's own `unreachable` for a missing or invalid answer. */
export const ERROR_CODES = [
  'bad_request',
  'account_not_linked',
  'number_missing',
  'number_invalid',
  'number_not_mobile',
  'number_special_rate',
  'number_extension',
  'number_ambiguous',
  'number_changed',
  'text_empty',
  'text_too_long',
  'sent_recently',
  'text_not_gsm7',
  'text_tokens_invalid',
  'property_missing',
  'property_unknown',
  'property_unreadable',
  'url_invalid',
  'link_count_wrong',
  'sender_invalid',
  'schedule_in_past',
  'schedule_too_far',
  'country_not_allowed',
  'key_reused',
  'record_not_found',
  'opted_out',
  'opted_out_again',
  'consent_not_removed',
  'message_not_cancellable',
  'message_not_held',
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
  'identity_invalid',
  'portal_not_installed',
  'unreachable',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** The backend's reasons for a message's status. */
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
  'number_gone',
  'record_gone',
  'legal_hours',
  'wait_over',
  'too_old',
  'unknown_code',
] as const;

export type MessageReason = (typeof MESSAGE_REASONS)[number];

/** Codes after which it is unknown whether the call took effect. */
const UNDECIDED: readonly string[] = ['internal', 'unreachable'] satisfies ErrorCode[];

/** A failed call. `code` may be unknown to this version. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly code: string,
    readonly params: Record<string, unknown> = {},
  ) {
    super(code);
  }

  /** False: the backend refused and did nothing. True: the call may have taken effect. */
  get undecided(): boolean {
    return UNDECIDED.includes(this.code);
  }
}

/** Any thrown value as an `ApiError`: a bug in the view must look like an error, never like an answer. */
export function toApiError(thrown: unknown): ApiError {
  return thrown instanceof ApiError ? thrown : new ApiError('unreachable');
}

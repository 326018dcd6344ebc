/** The public part of the backend's client, for the extensions. */
export { ApiContext, createApi, useApi } from './api';
export {
  ApiError,
  ERROR_CODES,
  MESSAGE_REASONS,
  toApiError,
  type ErrorCode,
  type MessageReason,
} from './errors';
export { WITHOUT_NUMBERS } from './record-types';
export { MESSAGE_STATUSES, PUSH_TYPES, VERDICT_CODES, WARNING_CODES } from './schemas';
export type * from './types';

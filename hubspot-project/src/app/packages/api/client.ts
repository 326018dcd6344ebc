/**
 * The only caller of `hubspot.fetch`: sends one request and checks its answer for every possible error.
 *
 * HubSpot docs: the URL must be absolute https and permitted by the app, the body a JSON object, without own headers.
 * HubSpot adds the user's identity and signs. Its handling of a backend failure is not documented: its development
 * proxy answers 200 with `{status: 'error', responseBody}`. This client accepts both that and a plain status.
 */
import { hubspot, logger } from '@hubspot/ui-extensions';
import * as z from 'zod/mini';
import { ApiError } from './errors';
import { CodedProblem, Envelope } from './schemas';

/** Below HubSpot's own timeout of 15 s, whose answer says less. */
const TIMEOUT_MS = 12_000;

export type Request = <Schema extends z.ZodMiniType>(
  schema: Schema,
  path: string,
  body: Record<string, unknown>,
) => Promise<z.infer<Schema>>;

const ProxyFailure = z.object({ status: z.literal('error'), responseBody: z.optional(z.unknown()) });
const Unproven = z.object({ error: CodedProblem });

/** A function that calls the backend at `baseUrl` (https, without a trailing slash). */
export function createRequest(baseUrl: string): Request {
  return async function request(schema, path, body) {
    const answer = await post(baseUrl + path, body);
    const envelope = Envelope.safeParse(answer);
    if (!envelope.success) throw unreadable(path, envelope.error);
    if (!envelope.data.ok) throw new ApiError(envelope.data.error.code, envelope.data.error.params);
    const data = z.safeParse(schema, envelope.data.data);
    if (!data.success) throw unreadable(path, data.error);
    return data.data;
  };
}

/** The body of a 2xx answer that is not a failure in disguise. Throws `ApiError` for all else. */
async function post(url: string, body: Record<string, unknown>): Promise<unknown> {
  let response: Response;
  try {
    response = await hubspot.fetch(url, { method: 'POST', timeout: TIMEOUT_MS, body });
  } catch {
    throw new ApiError('unreachable');
  }
  const answer = await readJson(response);
  const wrapped = ProxyFailure.safeParse(answer);
  if (wrapped.success) throw refusal(parsed(wrapped.data.responseBody));
  if (!response.ok) throw refusal(answer);
  return answer;
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

/** The proxy passes the backend's body as text; an object is used as it is. */
function parsed(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** The backend's own error code in a failed answer, if any. */
function refusal(body: unknown): ApiError {
  const said = Unproven.safeParse(body);
  return said.success
    ? new ApiError(said.data.error.code, said.data.error.params)
    : new ApiError('unreachable');
}

/** An answer of the wrong shape. Only field names are logged: values are people's numbers and messages. */
function unreadable(path: string, error: z.core.$ZodError): ApiError {
  const fields = error.issues.map((issue) => issue.path.join('.') || '(whole answer)');
  logger.error(`Unreadable answer of ${path}: ${fields.join(', ')}`);
  return new ApiError('unreachable');
}

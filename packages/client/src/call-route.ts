import { AuthClientError, type Issue } from './auth-client-error.js'

/** What a call may be given. */
export interface CallOptions {
  /** Ends the call; it then rejects with the signal's reason. A refresh that other callers wait for too goes on. */
  readonly signal?: AbortSignal | undefined
}

/** What is sent to a route. */
export interface RouteCall extends CallOptions {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly url: string
  readonly body?: object | undefined
  /** Whether the request goes on when the page is left. */
  readonly keepalive?: boolean
  /** Whether cookies go along. */
  readonly withCookies: boolean
}

/**
 * Calls a route of the SDK and gives its answer; `null` where that is empty. A redirect is never followed: it would carry
 * passwords and tokens to wherever it leads.
 * @throws AuthClientError, or the signal's reason
 */
export async function callRoute(fetch: typeof globalThis.fetch, call: RouteCall): Promise<unknown> {
  const { method, url, body, keepalive, signal, withCookies } = call
  const init: RequestInit = {
    method,
    redirect: 'error',
    cache: 'no-store',
    credentials: withCookies ? 'include' : 'omit',
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    ...(keepalive && { keepalive }),
    ...(signal && { signal }),
  }
  let response: Response
  let text: string
  try {
    response = await fetch(url, init)
    text = await response.text()
  } catch (cause) {
    if (cause instanceof AuthClientError) throw cause
    if (signal?.aborted) throw signal.reason
    throw new AuthClientError('network', { cause })
  }
  const answer = parseObject(text)
  if (!response.ok) throw errorOf(response, answer)
  if (answer === null && text !== '') throw new AuthClientError('unexpected_answer', { status: response.status })
  return answer
}

/** The error that a refusal is. Without a code it is not this server's. */
function errorOf({ status, headers }: Response, problem: Readonly<Record<string, unknown>> | null): AuthClientError {
  const after = Number(headers.get('retry-after') ?? Number.NaN)
  return new AuthClientError(typeof problem?.code === 'string' ? problem.code : 'unexpected_answer', {
    status,
    retryAfter: Number.isFinite(after) ? after : null,
    ...(problem && { problem }),
    ...(Array.isArray(problem?.issues) && { issues: problem.issues as Issue[] }), // As the server documents them.
  })
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : null // It is an object.
  } catch {
    return null
  }
}

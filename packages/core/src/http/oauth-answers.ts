import { AuthError, StoreError } from '../errors.js'
import { OAuthError, type OAuthErrorCode } from '../oauth-server/index.js'
import { type AuthLogger, toRefusal } from './problem.js'

/** Never kept by anybody on the way (RFC 6749, section 5.1). */
const unkept = { 'cache-control': 'no-store', pragma: 'no-cache' } as const

/** A JSON answer of the OAuth endpoints. */
export function oauthJson(body: object, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...unkept, ...headers },
  })
}

/** An answer without a body. */
export function oauthEmpty(): Response {
  return new Response(null, { status: 200, headers: unkept })
}

/** Who failed to prove who it is by `Authorization` is told which scheme there is (RFC 6749, section 5.2). */
export class BasicChallenge extends OAuthError {}

const codes: Readonly<Record<number, OAuthErrorCode>> = {
  429: 'temporarily_unavailable',
  500: 'server_error',
  503: 'temporarily_unavailable',
}

/**
 * Whatever was thrown, in OAuth's terms (RFC 6749, section 5.2): the same statuses and headers as elsewhere, another body.
 */
export function oauthRefusal(error: unknown, logger: AuthLogger): Response {
  if (error instanceof OAuthError) {
    const { code, description } = error
    const challenge = error instanceof BasicChallenge ? { 'www-authenticate': 'Basic realm="oauth", charset="UTF-8"' } : {}
    return oauthJson({ error: code, error_description: description }, code === 'invalid_client' ? 401 : 400, challenge)
  }
  const { status, headers } = toRefusal(error, logger)
  const kept = headers.filter(([name]) => keptHeaders.has(name))
  const isExpected = error instanceof AuthError || error instanceof StoreError
  const code = codes[isExpected ? status : 500] ?? 'invalid_request'
  return oauthJson({ error: code, error_description: descriptions[status] ?? 'The request could not be served' }, status, {
    ...Object.fromEntries(kept),
  })
}

const keptHeaders: ReadonlySet<string> = new Set(['allow', 'retry-after', 'ratelimit', 'ratelimit-policy'])

const descriptions: Readonly<Record<number, string>> = {
  403: 'The request did not come from an allowed page',
  404: 'There is no such endpoint',
  405: 'The method is not offered here',
  413: 'The body is too large',
  415: 'The body must be application/x-www-form-urlencoded',
  429: 'Too many attempts',
  503: 'The service cannot reach its storage, or is busy',
}

import { AuthError, type AuthErrorCode, type AuthErrorDetails, StoreError } from '../errors.js'
import { randomUuid } from '../shared/random.js'
import type { Refusal } from './refusal.js'
import { type RefusalKind, refusals } from './refusals.js'

/** Where faults are reported, in pino's shape. */
export interface AuthLogger {
  /** Something an operator should look at. */
  warn(details: object, message: string): void
  /** A fault. */
  error(details: object, message: string): void
}

const storeRetrySeconds = 1

/**
 * Turns whatever was thrown into an answer. An expected refusal says why; a store's failure is a 503; anything else is
 * a 500 that tells its correlation id and nothing more, and is reported under that id.
 * @param resourceMetadata The URL that challenges name (RFC 9728, section 5.1).
 */
export function toRefusal(error: unknown, logger: AuthLogger, resourceMetadata: string | null = null): Refusal {
  // Another version of this package may know codes that this one does not.
  if (error instanceof AuthError && Object.hasOwn(refusals, error.code))
    return refusalOf(error.code, error.details, { resourceMetadata })
  if (error instanceof StoreError) {
    logger.error({ err: error }, 'a store did not answer')
    return refusalOf('store_unavailable', { retryAfterSeconds: storeRetrySeconds })
  }
  const correlationId = newCorrelationId()
  logger.error({ err: error, correlationId }, 'unexpected failure')
  return refusalOf('internal_error', {}, { extra: { correlationId } })
}

/** An answer has to be given also where no random numbers can be had. */
function newCorrelationId(): string {
  try {
    return randomUuid()
  } catch {
    return 'none'
  }
}

interface RefusalSetting {
  readonly extra?: Readonly<Record<string, string>>
  readonly resourceMetadata?: string | null
}

/** The answer for a code. */
function refusalOf(
  code: AuthErrorCode,
  details: AuthErrorDetails = {},
  { extra = {}, resourceMetadata = null }: RefusalSetting = {},
): Refusal {
  const kind = refusals[code]
  const { detail, requiredScopes, missingScopes, requiredRoles, issues } = details
  const problem = {
    type: `urn:auth:problem:${code}`,
    title: kind.title,
    status: kind.status,
    code,
    ...(detail !== undefined && { detail }),
    ...(requiredScopes && { requiredScopes }),
    ...(missingScopes && { missingScopes }),
    ...(requiredRoles && { requiredRoles }),
    ...(issues && { issues }),
    ...extra,
  }
  const headers = [
    ['content-type', 'application/problem+json'],
    ['cache-control', 'no-store'],
    ...detailHeaders(details),
    ...challengeHeaders(kind, details, resourceMetadata),
  ] as const
  return { status: kind.status, code, headers, body: JSON.stringify(problem) }
}

/** A refusal as a Web response. */
export function refusalResponse(refusal: Refusal): Response {
  return new Response(refusal.body, {
    status: refusal.status,
    headers: refusal.headers.map(([name, value]): [string, string] => [name, value]),
  })
}

type HeaderLines = readonly (readonly [string, string])[]

function detailHeaders({ allow, retryAfterSeconds, rateLimit }: AuthErrorDetails): HeaderLines {
  const lines: [string, string][] = []
  if (allow) lines.push(['allow', allow.join(', ')])
  if (retryAfterSeconds !== undefined) lines.push(['retry-after', String(retryAfterSeconds)])
  if (rateLimit) {
    const { policy, quota, windowSeconds, remaining, resetSeconds } = rateLimit
    lines.push(
      ['ratelimit-policy', `"${policy}";q=${quota};w=${windowSeconds}`],
      ['ratelimit', `"${policy}";r=${remaining};t=${resetSeconds}`],
    )
  }
  return lines
}

/** RFC 6750, section 3: no `error` where no credential came. Titles and scope names hold nothing that would need escaping. */
function challengeHeaders(
  { challenge, title }: RefusalKind,
  { requiredScopes }: AuthErrorDetails,
  resourceMetadata: string | null,
): HeaderLines {
  if (challenge === undefined) return []
  const parameters = [
    ...(challenge === null ? [] : [`error="${challenge}"`, `error_description="${title}"`]),
    ...(challenge !== null && requiredScopes?.length ? [`scope="${requiredScopes.join(' ')}"`] : []),
    // RFC 9728, section 5.1: where a client finds out who issues tokens for this resource.
    ...(resourceMetadata === null ? [] : [`resource_metadata="${resourceMetadata}"`]),
  ]
  return [['www-authenticate', ['Bearer', parameters.join(', ')].join(' ').trim()]]
}

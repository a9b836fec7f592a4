import type { Renewal } from './renewal.js'
import { readTarget, type Target } from './request-target.js'
import type { SavedState, SignedOutReason } from './saved-state.js'
import { signedOutError, unlessAborted } from './waiting.js'

/** What the wrapper needs. */
export interface AuthorizedFetchDeps {
  readonly fetch: typeof globalThis.fetch
  readonly transport: 'bearer' | 'cookie'
  /** What a relative URL is relative to. */
  readonly base: () => string
  /** Whether credentials may go to an origin. */
  readonly isAllowed: (origin: string) => boolean
  readonly read: () => SavedState
  readonly renewal: Renewal
  /** Notes that the session has ended, unless somebody has signed in since that state. */
  readonly ended: (state: SavedState, reason: SignedOutReason) => void
}

/** After these a refresh may help: the token has run out, or was revoked because roles changed. */
const renewable: ReadonlySet<string> = new Set(['token_expired', 'token_revoked'])
/** After these a cookie is good for nothing. */
const over: ReadonlySet<string> = new Set(['session_invalid', 'session_expired', 'credentials_missing'])

/**
 * A `fetch` that carries the session's credential, to allowed origins alone. One refusal is answered by a refresh and
 * a second attempt, where the body can be sent twice and the same person is still signed in.
 */
export function createAuthorizedFetch(deps: AuthorizedFetchDeps): typeof globalThis.fetch {
  const { fetch, transport, read, renewal } = deps

  async function withToken(target: Target): Promise<Response> {
    // A redirect may lead anywhere, and not every platform takes the header off on the way.
    const defaults: RequestInit = { redirect: 'error' }
    const request = target.make(defaults)
    if (request.headers.has('authorization') || request.headers.has('x-api-key')) return fetch(request)
    const before = read()
    const state = await unlessAborted(renewal.fresh(), request.signal)
    if (before.session && !isSameUser(before, state)) throw signedOutError(state)
    const answer = await fetch(authorize(request, state))
    if (!state.session || answer.status !== 401 || !renewable.has(await refusalCode(answer))) return answer
    const renewed = await unlessAborted(renewal.renew(state), request.signal)
    if (!target.isRepeatable || !isSameUser(state, renewed)) return answer
    await answer.body?.cancel()
    return fetch(authorize(target.make(defaults), renewed))
  }

  async function withCookie(target: Target): Promise<Response> {
    const state = read()
    const answer = await fetch(target.make({ credentials: 'include' }))
    const code = state.session && answer.status === 401 ? await refusalCode(answer) : ''
    if (over.has(code)) deps.ended(state, code)
    return answer
  }

  return async (input, init) => {
    const target = readTarget(input, init, deps.base)
    if (!deps.isAllowed(target.origin)) return fetch(target.make())
    return transport === 'cookie' ? withCookie(target) : withToken(target)
  }
}

function authorize(request: Request, { session }: SavedState): Request {
  if (session?.tokens) request.headers.set('authorization', `Bearer ${session.tokens.accessToken}`)
  return request
}

/** The code of a refusal; of a resource server that has none of ours, what RFC 6750 calls a token that is no longer good. */
async function refusalCode(answer: Response): Promise<string> {
  const problem: unknown = await answer
    .clone()
    .json()
    .catch(() => null)
  const code = problem !== null && typeof problem === 'object' && 'code' in problem ? problem.code : undefined
  if (typeof code === 'string') return code
  return /error="?invalid_token/.test(answer.headers.get('www-authenticate') ?? '') ? 'token_expired' : ''
}

function isSameUser(one: SavedState, other: SavedState): boolean {
  return one.session?.user.id === other.session?.user.id
}

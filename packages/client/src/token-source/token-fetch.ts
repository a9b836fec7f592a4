import { readTarget } from '../request-target.js'
import { unlessAborted } from '../waiting.js'
import type { TokenHolder } from './token-holder.js'
import type { TokenSettings } from './token-options.js'

/**
 * A `fetch` that carries a token to allowed origins. A 401 is answered by another token and a second attempt, once, where the
 * body can be sent twice. A redirect is an error, whatever the caller says, unless they take it themselves: `redirect: 'manual'`.
 */
export function createTokenFetch(settings: TokenSettings, holder: TokenHolder): typeof globalThis.fetch {
  const { fetch, isAllowed } = settings

  return async (input, init) => {
    const target = readTarget(input, init, () => globalThis.location?.href)
    if (!isAllowed(target.origin)) return fetch(target.make())
    const request = target.make()
    if (request.headers.has('authorization')) return fetch(request)
    const token = await unlessAborted(holder.get(), request.signal)
    const answer = await fetch(authorize(request, token))
    if (answer.status !== 401) return answer
    const another = await unlessAborted(
      holder.replace(token).catch(() => token), // Whoever gives none now leaves the refusal to stand.
      request.signal,
    )
    if (another === token || !target.isRepeatable) return answer
    await answer.body?.cancel()
    return fetch(authorize(target.make(), another))
  }
}

function authorize(request: Request, token: string): Request {
  const headers = new Headers(request.headers)
  headers.set('authorization', `Bearer ${token}`)
  // A redirect may lead anywhere, and not every platform takes the header off on the way.
  return new Request(request, { headers, redirect: request.redirect === 'manual' ? 'manual' : 'error' })
}

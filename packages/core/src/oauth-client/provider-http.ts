import type { Clock } from '../shared/clock.js'
import { isLoopback } from '../shared/loopback.js'
import { readAtMost } from '../shared/read-at-most.js'
import { parseUnambiguousJson } from '../tokens/index.js'

/** A provider that cannot be used now: it does not answer, or not as one does. What it answered is in no message. */
export class ProviderFault extends Error {
  override readonly name = 'ProviderFault'
}

/** Fetches from one provider. @throws ProviderFault */
export type ProviderFetch = (url: string, init: ProviderRequest) => Promise<Response>

/** A request to a provider. */
export interface ProviderRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: BodyInit | null | undefined
}

/** How long an answer may take, its body included. */
export const providerDeadlineMs = 10_000
/** No document of a provider is larger. */
const mostBytes = 262_144

/**
 * Makes the one way to a provider: https alone, no redirects, one deadline for head and body, bounded, and JSON in which no
 * member is named twice and none is called `__proto__`. A provider on this very machine, as in tests, may be asked over http.
 */
export function createProviderFetch(issuer: string, clock: Clock): ProviderFetch {
  const allowsLoopback = isOnLoopback(new URL(issuer))

  async function get(url: string, init: ProviderRequest, signal: AbortSignal): Promise<Response> {
    const response = await fetch(url, {
      method: init.method ?? 'GET',
      headers: { ...init.headers, accept: 'application/json' },
      body: init.body ?? null,
      redirect: 'manual',
      credentials: 'omit',
      signal,
    })
    if (response.status < 200 || response.status >= 500 || isRedirect(response)) {
      await response.body?.cancel().catch(() => undefined)
      throw new ProviderFault(`answered ${response.status}`)
    }
    const bytes = await readAtMost(response.body, mostBytes)
    if (parseUnambiguousJson(bytes) === null) throw new ProviderFault('answered something else than plain JSON')
    const headers = new Headers({ 'content-type': 'application/json' })
    // Its buffer is never shared: `readAtMost` made it.
    return new Response(bytes as Uint8Array<ArrayBuffer>, { status: response.status, headers })
  }

  return async (url, init) => {
    const { protocol } = new URL(url)
    if (protocol !== 'https:' && !(allowsLoopback && isOnLoopback(new URL(url)))) throw new ProviderFault('is not on https')
    const request = new AbortController()
    const timer = new AbortController()
    const timeout = clock.wait(providerDeadlineMs, timer.signal).then(() => {
      throw new ProviderFault('did not answer in time')
    })
    try {
      return await Promise.race([get(url, init, request.signal), timeout])
    } catch (cause) {
      if (cause instanceof ProviderFault) throw cause
      throw new ProviderFault('did not answer', { cause })
    } finally {
      timeout.catch(() => undefined)
      timer.abort()
      request.abort()
    }
  }
}

function isOnLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && isLoopback(hostname)
}

function isRedirect({ status, type }: Response): boolean {
  return type === 'opaqueredirect' || (status >= 300 && status < 400)
}

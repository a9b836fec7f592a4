import type { Clock } from '../shared/clock.js'
import { readAtMost } from '../shared/read-at-most.js'
import { type JsonObject, parseJsonObject } from '../tokens/index.js'

/** Asks a server for something; the platform's `fetch` is one. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** What asking takes. */
export interface FetchDeps {
  readonly fetch: Fetch
  readonly clock: Clock
}

/** A document and for how long its server says that it may be kept. */
export interface FetchedDocument {
  readonly object: JsonObject
  /** In seconds; `null` where the server does not say. */
  readonly maxAgeSeconds: number | null
}

const timeoutMs = 5000
const maxBytes = 131_072

/**
 * Gets a JSON object: from the URL itself and no other that it leads to, within 5 s and 128 KiB in all.
 * @throws Error with what is wrong; for a log
 */
export async function fetchDocument(url: URL, { fetch, clock }: FetchDeps): Promise<FetchedDocument> {
  const request = new AbortController()
  const timer = new AbortController()
  const timeout = clock.wait(timeoutMs, timer.signal).then(() => {
    throw new Error(`${url.href} did not answer within ${timeoutMs} ms`)
  })
  try {
    return await Promise.race([load(url, fetch, request.signal), timeout])
  } finally {
    timer.abort()
    // Also where it was read to its end: whatever else may still come is not wanted.
    request.abort()
  }
}

async function load(url: URL, fetch: Fetch, signal: AbortSignal): Promise<FetchedDocument> {
  // Not 'error': not every platform has it. A redirect is then an answer like any other that is not 200.
  const response = await fetch(url.href, { headers: { accept: 'application/json' }, redirect: 'manual', signal })
  if (response.status !== 200) throw new Error(`${url.href} answered ${response.status}`)
  const type = response.headers.get('content-type') ?? ''
  if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)) throw new Error(`${url.href} answered no JSON`)
  const object = parseJsonObject(await readAll(url, response))
  if (!object) throw new Error(`${url.href} answered no JSON object, or one that names a member twice`)
  return { object, maxAgeSeconds: maxAgeOf(response.headers) }
}

async function readAll(url: URL, { body }: Response): Promise<Uint8Array> {
  return readAtMost(body, maxBytes).catch((error: unknown) => {
    throw new Error(`${url.href} could not be read: ${error instanceof Error ? error.message : 'it broke off'}`)
  })
}

/** What is left of `max-age` behind caches on the way (RFC 9111, section 4.2). */
function maxAgeOf(headers: Headers): number | null {
  const control = headers.get('cache-control') ?? ''
  if (/(?:^|[\s,])no-(?:store|cache)(?:$|[\s,])/i.test(control)) return 0
  const maxAge = /(?:^|[\s,])max-age=(\d{1,9})(?:$|[\s,])/i.exec(control)?.[1]
  if (maxAge === undefined) return null
  const age = /^\d{1,9}$/.exec(headers.get('age') ?? '')?.[0] ?? '0'
  return Math.max(0, Number(maxAge) - Number(age))
}

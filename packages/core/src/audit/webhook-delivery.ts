import { StoreError } from '../errors.js'
import type { Clock } from '../shared/clock.js'
import type { WebhookKeys } from './webhook-secret.js'

/** What delivering needs. */
export interface WebhookDeliveryDeps {
  readonly url: URL
  readonly keys: WebhookKeys
  readonly clock: Clock
  readonly fetch: typeof fetch
  /** How long one try may take. */
  readonly timeoutMs: number
  /** How long one message is tried for. */
  readonly giveUpAfterMs: number
  /** From 0 to 1, for delays that keep many senders apart. */
  readonly random: () => number
}

const firstDelayMs = 1000
const mostDelayMs = 60_000
/**
 * Answers that a repetition would get again: the receiver wants no more of this (410), or not in this form (400, 413, 415, 422).
 * Others may be mended on its side while the message waits, also a refusal of the signature.
 */
const lasting: ReadonlySet<number> = new Set([400, 410, 413, 415, 422])

/** Makes the function that delivers one message, tries again until it is taken, and throws a StoreError where it gives up. */
export function createWebhookDelivery(deps: WebhookDeliveryDeps): (id: string, body: string) => Promise<void> {
  const { url, keys, clock, giveUpAfterMs, random } = deps

  /** Sends it once. Answers why it was not taken, and how long the receiver asks to wait; `null` where it was. */
  async function send(id: string, body: string): Promise<Refused | null> {
    const timestamp = String(Math.floor(clock.now().getTime() / 1000))
    const signature = await keys.sign(id, timestamp, body)
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signature,
    }
    return inTime(deps, async (signal) => {
      // A redirect is an answer like any other that is no success: what is signed for one place goes to no other.
      const init = { method: 'POST', headers, body, redirect: 'manual', credentials: 'omit', signal } as const
      const response = await deps.fetch(url, init)
      // Whatever the receiver has to say is not read, however long it is.
      await response.body?.cancel().catch(() => undefined)
      return response.ok
        ? null
        : { reason: `answered ${response.status}`, status: response.status, waitMs: waitOf(response) }
    })
  }

  return async (id, body) => {
    const startMs = clock.monotonicMs()
    for (let tries = 1; ; tries++) {
      const refused = await send(id, body).catch(() => ({ reason: 'could not be reached in time', status: 0, waitMs: 0 }))
      if (!refused) return
      const backOff = Math.min(mostDelayMs, firstDelayMs * 2 ** (tries - 1))
      const delayMs = Math.max(refused.waitMs, backOff * (0.5 + random() / 2))
      const isOver = lasting.has(refused.status) || clock.monotonicMs() - startMs + delayMs > giveUpAfterMs
      if (isOver) throw new StoreError(`the webhook at ${url.origin} ${refused.reason}; given up after ${tries} tries`)
      await clock.wait(delayMs)
    }
  }
}

interface Refused {
  readonly reason: string
  readonly status: number
  readonly waitMs: number
}

/** `Retry-After` in seconds (RFC 9110, section 10.2.3), within bounds; a date there counts for nothing. */
function waitOf(response: Response): number {
  const seconds = /^\d{1,6}$/.exec(response.headers.get('retry-after') ?? '')?.[0]
  return Math.min(mostDelayMs, Number(seconds ?? 0) * 1000)
}

async function inTime<T>(
  { clock, timeoutMs }: Pick<WebhookDeliveryDeps, 'clock' | 'timeoutMs'>,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const [request, timer] = [new AbortController(), new AbortController()]
  const late = clock.wait(timeoutMs, timer.signal).then(() => {
    throw new Error(`no answer within ${timeoutMs} ms`)
  })
  try {
    return await Promise.race([ask(request.signal), late])
  } finally {
    timer.abort()
    request.abort()
    late.catch(() => undefined)
  }
}

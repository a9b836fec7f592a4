import { ConfigError, type ConfigProblem, StoreError } from '../errors.js'
import { type Clock, systemClock } from '../shared/clock.js'
import { type Duration, durationSeconds } from '../shared/duration.js'
import { isLoopback } from '../shared/loopback.js'
import { randomUuid } from '../shared/random.js'
import type { AuditEvent, AuditSink } from './audit-event.js'
import { createWebhookDelivery } from './webhook-delivery.js'
import { type WebhookSecret, webhookKeys } from './webhook-secret.js'

/** Where events are sent, and how. */
export interface WebhookSinkOptions {
  /** `https`, or `http` on the machine itself. Only this URL is ever called: redirects are not followed. */
  readonly url: string
  /** `whsec_` and base64 of 24 to 64 random bytes; a list signs with each, while receivers change from one to the next. */
  readonly secret: WebhookSecret
  /** How long one try may take. Default `10s`. */
  readonly timeout?: Duration
  /** How long one message is tried for before its events are dropped. Default `10m`. */
  readonly giveUpAfter?: Duration
  /** Default: the platform's. */
  readonly fetch?: typeof fetch
  readonly clock?: Clock
}

/** A sink that sends events to a URL. */
export interface WebhookSink extends AuditSink {
  /** Queues one event. Resolves when it was delivered, or dropped with others; rejects once for each message that was dropped. */
  write(event: AuditEvent): Promise<void>
  /** Resolves when nothing waits any more, delivered or dropped: for a shutdown that loses as little as it can. */
  flush(): Promise<void>
}

interface Waiting {
  readonly event: AuditEvent
  readonly settle: (error?: unknown) => void
}

const mostInMessage = 100
const mostWaiting = 10_000

/**
 * Sends events to a URL as Standard Webhooks says: signed, each message with an id that stays through repetitions. What
 * comes while a message is under way goes with the next one, in order, a hundred at most. A receiver that is away is
 * tried again after 1, 2, 4, … 60 seconds; at most 10,000 events wait. Nothing is kept beyond the process.
 * @throws ConfigError
 * @example
 * const sink = webhookSink({ url: 'https://siem.example.com/hooks/auth', secret: process.env.WEBHOOK_SECRET })
 */
export function webhookSink(options: WebhookSinkOptions): WebhookSink {
  const { url, timeoutMs, giveUpAfterMs } = checked(options)
  const keys = webhookKeys(options.secret)
  const clock = options.clock ?? systemClock
  const send = options.fetch ?? ((...given: Parameters<typeof fetch>) => fetch(...given))
  const deliver = createWebhookDelivery({ url, keys, clock, fetch: send, timeoutMs, giveUpAfterMs, random: Math.random })
  const queue: Waiting[] = []
  let running: Promise<void> | null = null

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.splice(0, mostInMessage)
      const body = messageOf(
        batch.map(({ event }) => event),
        clock.now(),
      )
      const failure = await deliver(`msg_${randomUuid()}`, body).then(
        () => undefined,
        (error: unknown) => error,
      )
      // One of them says that all of them are lost: whoever listens may be behind as well.
      for (const [index, { settle }] of batch.entries()) settle(index === 0 ? failure : undefined)
    }
    running = null
  }

  return {
    write(event) {
      if (queue.length >= mostWaiting) return Promise.reject(new StoreError('too many events wait for the webhook'))
      return new Promise((resolve, reject) => {
        queue.push({ event, settle: (error) => (error === undefined ? resolve() : reject(error)) })
        running ??= drain()
      })
    },
    flush: async () => void (await running),
  }
}

function messageOf(events: readonly AuditEvent[], at: Date): string {
  return JSON.stringify({ type: 'audit.events', timestamp: at, data: { events } })
}

function checked({ url: text, timeout = '10s', giveUpAfter = '10m' }: WebhookSinkOptions): {
  url: URL
  timeoutMs: number
  giveUpAfterMs: number
} {
  const problems: ConfigProblem[] = []
  const seconds = (path: string, duration: Duration, most: number): number => {
    const value = durationSeconds(duration)
    if (value !== null && value >= 1 && value <= most) return value
    problems.push({ path, message: `must be a duration from 1 to ${most} seconds` })
    return 1
  }
  const timeoutMs = seconds('timeout', timeout, 60) * 1000
  const giveUpAfterMs = seconds('giveUpAfter', giveUpAfter, 86_400) * 1000
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : null
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))
  // Its value is not repeated: a path may hold a secret.
  if (!url || !isSafe) problems.push({ path: 'url', message: 'must be https (http on localhost alone)' })
  else if (url.username || url.password || url.hash) problems.push({ path: 'url', message: 'must have no user or fragment' })
  if (!url || problems.length > 0) throw new ConfigError(problems)
  return { url, timeoutMs, giveUpAfterMs }
}

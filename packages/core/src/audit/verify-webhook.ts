import type { AuditEvent } from './audit-event.js'
import { type WebhookSecret, webhookKeys } from './webhook-secret.js'

/** A request as a receiver got it. */
export interface ReceivedWebhook {
  /** The body as it came, not parsed and written again. */
  readonly body: string
  /** Its headers, as `Headers` or as Node has them. */
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>
  /** The sender's secret, or a list while it is being replaced. */
  readonly secret: WebhookSecret
  /** How far the sender's clock may differ, and how late a message may be. Default 300. */
  readonly toleranceSeconds?: number
  /** Default: the machine's clock. */
  readonly now?: Date
}

/** A message that is genuine. */
export interface WebhookMessage {
  /** The same for each repetition: whoever remembers it for as long as the tolerance handles each message once. */
  readonly id: string
  readonly sentAt: Date
  readonly events: readonly AuditEvent[]
}

/** Why a message is not believed. */
export type WebhookProblem = 'headers_missing' | 'timestamp_outside_tolerance' | 'signature_invalid' | 'body_unknown'

/** A message that is not genuine, or too old. Answer 400 or 401 to it. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError'
  /** Why. */
  readonly problem: WebhookProblem

  constructor(problem: WebhookProblem) {
    super(problem)
    this.problem = problem
  }
}

const longestHeader = 2048

/**
 * Checks a message of `webhookSink` and gives its events. Signatures are compared in constant time; a message from outside
 * the tolerance is refused, so that an old one cannot be played again.
 * @throws WebhookError; ConfigError for a secret that is none
 * @example
 * const { id, events } = await verifyWebhook({ body: await request.text(), headers: request.headers, secret })
 */
export async function verifyWebhook(received: ReceivedWebhook): Promise<WebhookMessage> {
  const { body, headers, secret, toleranceSeconds = 300, now = new Date() } = received
  const keys = webhookKeys(secret)
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    headerOf(headers, name),
  )
  if (!id || !timestamp || !signatures) throw new WebhookError('headers_missing')
  const seconds = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : Number.NaN
  const isInTime = Math.abs(now.getTime() / 1000 - seconds) <= toleranceSeconds
  if (!isInTime) throw new WebhookError('timestamp_outside_tolerance')
  if (!(await keys.verify(signatures, id, timestamp, body))) throw new WebhookError('signature_invalid')
  return { id, sentAt: new Date(seconds * 1000), events: eventsOf(body) }
}

/** One value of a header, or `undefined` where there is none, more than one, or far too much. */
function headerOf(headers: ReceivedWebhook['headers'], name: string): string | undefined {
  const value = headers instanceof Headers ? headers.get(name) : headers[name]
  return typeof value === 'string' && value.length <= longestHeader ? value : undefined
}

interface Message {
  readonly type?: unknown
  readonly data?: { readonly events?: unknown }
}

function eventsOf(body: string): readonly AuditEvent[] {
  const message = parsed(body)
  const events = message?.type === 'audit.events' ? message.data?.events : undefined
  if (!Array.isArray(events)) throw new WebhookError('body_unknown')
  return events.map((event: AuditEvent) => ({ ...event, at: new Date(event.at) })) // As the sink wrote them: they are signed.
}

function parsed(body: string): Message | null {
  try {
    return JSON.parse(body) as Message | null
  } catch {
    throw new WebhookError('body_unknown')
  }
}

import { AuthClientError } from '../auth-client-error.js'
import { startTimer } from './clock.js'
import type { TokenSettings } from './token-options.js'

/** A token, and for how long it can be handed out. */
export interface HeldToken {
  readonly value: string
  /** Milliseconds since it was asked for, on the server's way or ours. */
  readonly ageMs: () => number
  /** Of all its life. */
  readonly lifeMs: number
}

const timeoutMs = 10_000
const maxBytes = 65_536
/** Where the server says nothing of it (RFC 6749, section 4.2.2, only recommends that it does). */
const defaultLifeSeconds = 300
const longestLifeSeconds = 86_400

/**
 * Asks for a token with the client's own credentials (RFC 6749, section 4.4). The secret goes to the token endpoint and nowhere
 * that it leads to, and into no error.
 * @param wish Parameters, as `wishKey` makes them.
 * @throws AuthClientError with the server's `error`, `network` or `unexpected_answer`
 */
export async function requestToken(settings: TokenSettings, wish: string): Promise<HeldToken> {
  const ageMs = startTimer(settings.clock)
  const request = new AbortController()
  const timer = new AbortController()
  const timeout = settings.clock.wait(timeoutMs, timer.signal).then(() => {
    throw new AuthClientError('network')
  })
  try {
    const { status, retryAfter, text } = await Promise.race([send(settings, wish, request.signal), timeout])
    const answer = parseObject(text)
    if (status !== 200) throw refusal(settings, status, retryAfter, answer)
    return { ...readToken(answer), ageMs }
  } catch (error) {
    throw error instanceof AuthClientError ? error : new AuthClientError('network', { cause: error })
  } finally {
    timer.abort()
    request.abort()
  }
}

interface Answer {
  readonly status: number
  readonly retryAfter: number | null
  readonly text: string
}

async function send(settings: TokenSettings, wish: string, signal: AbortSignal): Promise<Answer> {
  const { tokenUrl, clientId, clientSecret, inBody, fetch } = settings
  const body = new URLSearchParams(wish)
  body.set('grant_type', 'client_credentials')
  const headers = new Headers({ accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' })
  if (inBody) {
    body.set('client_id', clientId)
    body.set('client_secret', clientSecret)
  } else {
    headers.set('authorization', `Basic ${btoa(`${formEncode(clientId)}:${formEncode(clientSecret)}`)}`)
  }
  // 'manual' on every platform: a redirect is an answer like any other that is not 200.
  const answer = await fetch(tokenUrl, { method: 'POST', headers, body: body.toString(), redirect: 'manual', signal })
  const seconds = answer.headers.get('retry-after') ?? ''
  const retryAfter = /^\d{1,6}$/.test(seconds) ? Number(seconds) : null
  return { status: answer.status, retryAfter, text: await readText(answer) }
}

/** RFC 6749, section 2.3.1: both are form-encoded before they are joined. What comes out is ASCII. */
function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}

async function readText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  const reader = body?.getReader()
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    length += part.value.length
    if (length > maxBytes) throw new AuthClientError('unexpected_answer')
    text += decoder.decode(part.value, { stream: true })
  }
  return text
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {} // Every object is one.
  } catch {
    return {}
  }
}

function readToken({ access_token: value, token_type: type, expires_in: life }: Readonly<Record<string, unknown>>): {
  value: string
  lifeMs: number
} {
  // Whatever else it were, it could not be a header's value, or would be more than one.
  const isToken = typeof value === 'string' && value.length <= maxBytes / 4 && /^[\w.~+/-]+=*$/.test(value)
  if (!isToken || typeof type !== 'string' || type.toLowerCase() !== 'bearer') throw new AuthClientError('unexpected_answer')
  const seconds = life === undefined || life === null ? defaultLifeSeconds : Number(life)
  if (typeof life === 'boolean' || !(seconds > 0)) throw new AuthClientError('unexpected_answer')
  return { value, lifeMs: Math.min(seconds, longestLifeSeconds) * 1000 }
}

/** Why there is none, in the server's words where they are OAuth's (RFC 6749, section 5.2); what it says beside goes nowhere. */
function refusal(
  { clientSecret }: TokenSettings,
  status: number,
  retryAfter: number | null,
  { error }: Readonly<Record<string, unknown>>,
): AuthClientError {
  const isCode = typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) && !error.includes(clientSecret)
  return new AuthClientError(isCode ? error : 'unexpected_answer', { status, retryAfter })
}

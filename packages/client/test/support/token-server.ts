import type { IncomingMessage, ServerResponse } from 'node:http'
import { createTokenSource, type TokenSource, type TokenSourceOptions } from '@auth/client'
import { listen } from '../../../core/src/testing/real-port.js'
import { type VirtualClock, virtualClock } from '../../../core/src/testing/virtual-clock.js'

/** A request for a token, as it came. */
export interface TokenRequest {
  readonly authorization: string | undefined
  readonly form: Readonly<Record<string, string>>
}

/** An authorization server, and a service that accepts its tokens, each on a port of its own. */
export interface TokenServer {
  readonly clock: VirtualClock
  readonly source: TokenSource
  readonly tokenUrl: string
  readonly serviceUrl: string
  readonly requests: TokenRequest[]
  /** Requests at the service: the token and the body. */
  readonly calls: { readonly token: string; readonly body: string }[]
  /** When each token ends, on the clock. */
  readonly ends: Map<string, number>
  /** Tokens that the service refuses. */
  readonly refused: Set<string>
  /** Seconds that tokens live. */
  life: unknown
  /** Answers in the token endpoint's place, until `null`. */
  behave(as: ((req: IncomingMessage, res: ServerResponse) => void) | null): void
  /** Another source. */
  make(options?: Partial<TokenSourceOptions>): TokenSource
}

export const clientId: string = 'svc: orders & more'
export const clientSecret: string = 's3cr+t/ü=%:canary'

async function bodyOf(req: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of req) body += String(chunk)
  return body
}

/** Starts both until the test ends. */
export async function startTokenServer(): Promise<TokenServer> {
  const clock = virtualClock()
  let behaviour: Parameters<TokenServer['behave']>[0] = null
  const issuer = await listen(async (req, res) => {
    const form = Object.fromEntries(new URLSearchParams(await bodyOf(req)))
    server.requests.push({ authorization: req.headers.authorization, form })
    if (behaviour) return behaviour(req, res)
    const token = `token-${server.requests.length}`
    server.ends.set(token, clock.monotonicMs() + Number(server.life) * 1000)
    const answer = { access_token: token, token_type: 'Bearer', expires_in: server.life }
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  const service = await listen(async (req, res) => {
    const token = (req.headers.authorization ?? '').replace('Bearer ', '')
    server.calls.push({ token, body: await bodyOf(req) })
    const isGood = (server.ends.get(token) ?? 0) > clock.monotonicMs() && !server.refused.has(token)
    res.writeHead(isGood ? 200 : 401).end(token)
  })
  const tokenUrl = `${issuer.url}/oauth/token`
  const make: TokenServer['make'] = (options = {}) =>
    createTokenSource({ tokenUrl, clientId, clientSecret, scopes: ['read:orders'], clock, ...options })
  const server: TokenServer = {
    clock,
    source: make(),
    tokenUrl,
    serviceUrl: service.url,
    requests: [],
    calls: [],
    ends: new Map(),
    refused: new Set(),
    life: 300,
    behave(as) {
      behaviour = as
    },
    make,
  }
  return server
}

/** The code of what an error says, or what came. */
export async function codeOf(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
    (value) => value,
    (error: unknown) => (error instanceof Error ? (Reflect.get(error, 'code') ?? error.name) : error),
  )
}

import { createVerifier, type Verifier, type VerifierOptions } from '@auth/core/verify'
import { audience, issuer, type TestNode } from './tokens.js'

/** An issuer as a verifier meets it over the network: it answers with its metadata and keys, or with whatever a test says. */
export interface RemoteIssuer {
  readonly fetch: (url: string) => Promise<Response>
  /** The URLs that were asked for. */
  readonly asked: string[]
  /** Answers in the issuer's place, until `null`. */
  answer(instead: ((url: string) => Response | Promise<Response>) | null): void
}

export const jwksUri: string = `${issuer}/auth/jwks.json`

/** JSON as our own routes give it. */
export function jsonAnswer(value: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(value), { headers: { 'content-type': 'application/json', ...headers } })
}

/** Makes an issuer of a node. */
export function remoteIssuer({ ring }: Pick<TestNode, 'ring'>): RemoteIssuer {
  const asked: string[] = []
  let answering: Parameters<RemoteIssuer['answer']>[0] = null
  return {
    asked,
    answer(instead) {
      answering = instead
    },
    async fetch(url) {
      asked.push(url)
      if (answering) return answering(url)
      if (url === `${issuer}/.well-known/oauth-authorization-server`) return jsonAnswer({ issuer, jwks_uri: jwksUri })
      if (url === jwksUri) return jsonAnswer(await ring.jwks(), { 'cache-control': 'public, max-age=300' })
      return new Response(null, { status: 404 })
    },
  }
}

/** A service that accepts a node's tokens. */
export interface SecondService {
  readonly verifier: Verifier
  readonly remote: RemoteIssuer
  /** What was logged, by its message. */
  readonly logged: { readonly level: 'warn' | 'error'; readonly text: string }[]
}

/** Makes the service, on the clock of the node. */
export function secondService(node: TestNode, options: Partial<VerifierOptions> = {}): SecondService {
  const remote = remoteIssuer(node)
  const logged: SecondService['logged'] = []
  const note =
    (level: 'warn' | 'error') =>
    (details: object, message: string): void => {
      const { err } = details as { readonly err?: unknown }
      logged.push({ level, text: `${message}: ${err instanceof Error ? err.message : ''}` })
    }
  const logger = { warn: note('warn'), error: note('error') }
  const verifier = createVerifier({ issuer, audience, fetch: remote.fetch, clock: node.clock, logger, ...options })
  return { verifier, remote, logged }
}

/** Lets what runs behind the callers' backs come to its end. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10))
}

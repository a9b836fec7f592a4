import type { ServerResponse } from 'node:http'

/** Ways in which a provider's ID token can be wrong. */
export const tokenDefects = [
  'nonce missing',
  'nonce of another attempt',
  'issuer that looks alike',
  'audience of somebody else',
  'two audiences without azp',
  'azp of somebody else',
  'expired',
  'issued in the future',
  'alg none',
  'alg HS256 keyed with the secret',
  'key that is not listed',
  'signature that does not fit',
  'subject missing',
  'subject that is a number',
  'no ID token',
] as const

/** Ways in which its answer to the browser can be wrong (RFC 9207). */
export const answerDefects = ['iss missing though advertised', 'iss of another provider'] as const

/** Ways in which an endpoint can answer that answers no provider would give. */
export const endpointDefects = [
  'redirects',
  'answers 50 MB',
  'drips',
  'answers HTML',
  'answers 500',
  'hangs up',
  'names a member twice',
  'names a member __proto__',
] as const

/** One thing that the provider does wrong. */
export type ProviderDefect =
  | (typeof tokenDefects)[number]
  | (typeof answerDefects)[number]
  | (typeof endpointDefects)[number]
  | 'discovery of another issuer'
  | 'refuses the person'
  | 'refuses the code'

/** The endpoints that are asked from server to server. */
export type ProviderEndpoint = 'discovery' | 'token' | 'jwks' | 'userinfo' | 'user' | 'emails'

const dripMs = 20

/** Answers as the defect says; `false` where it is none of an endpoint. */
export function answerDefectively(response: ServerResponse, defect: ProviderDefect | null, base: string): boolean {
  const json = { 'content-type': 'application/json' }
  switch (defect) {
    case 'redirects':
      response.writeHead(302, { location: `${base}/internal` }).end()
      return true
    case 'answers 50 MB':
      pour(response.writeHead(200, json), 50 * 2 ** 20)
      return true
    case 'drips':
      drip(response.writeHead(200, json))
      return true
    case 'answers HTML':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>')
      return true
    case 'answers 500':
      response.writeHead(500, json).end('{}')
      return true
    case 'hangs up':
      response.socket?.destroy()
      return true
    default:
      return false
  }
}

/** What an endpoint sends: the JSON, spoilt where the defect is one of JSON. */
export function spoiltJson(value: object, defect: ProviderDefect | null): string {
  const text = JSON.stringify(value)
  if (defect === 'names a member twice') {
    const [name = 'id'] = Object.keys(value)
    return text.replace('{', `{${JSON.stringify(name)}:"another",`)
  }
  return defect === 'names a member __proto__' ? text.replace('{', '{"__proto__":{"email_verified":true},') : text
}

function pour(response: ServerResponse, bytes: number): void {
  const chunk = Buffer.alloc(65_536, ' ')
  let left = bytes
  const write = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= chunk.length
      if (!response.write(chunk)) {
        response.once('drain', write)
        return
      }
    }
    response.end('{}')
  }
  write()
}

function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write(' '), dripMs)
  response.once('close', () => clearInterval(timer))
}

import { ConfigError } from '../errors.js'
import { type Bytes, base64url, fromBase64url, utf8 } from '../shared/bytes.js'
import { lazy } from '../shared/lazy.js'

/** Secrets of a webhook: `whsec_` and base64, as Standard Webhooks writes them; a list while one is being replaced. */
export type WebhookSecret = string | readonly string[]

const prefix = 'whsec_'
const leastBytes = 24
const mostBytes = 64
const scheme = 'v1'
const mostSignatures = 10

/** Keys made of a webhook's secrets. */
export interface WebhookKeys {
  /** The `webhook-signature` of a message: one for each secret, so that a receiver may have either. */
  sign(id: string, timestamp: string, body: string): Promise<string>
  /** Whether one of the signatures was made with one of the secrets. In constant time for each pair. */
  verify(signatures: string, id: string, timestamp: string, body: string): Promise<boolean>
}

/** Reads the secrets. @throws ConfigError for one that is none, without repeating it */
export function webhookKeys(secret: WebhookSecret): WebhookKeys {
  const secrets: readonly unknown[] = Array.isArray(secret) ? secret : [secret]
  const decoded = secrets.map(bytesOf)
  const isUsable = decoded.length > 0 && decoded.every((bytes) => bytes !== null)
  const message = `must be whsec_ and base64 of ${leastBytes} to ${mostBytes} bytes, or a list of such`
  if (!isUsable) throw new ConfigError([{ path: 'secret', message }])
  const keys = lazy(() => Promise.all(decoded.filter((bytes) => bytes !== null).map(importKey)))

  return {
    async sign(id, timestamp, body) {
      const signed = utf8(`${id}.${timestamp}.${body}`)
      const signatures = (await keys()).map(async (key) => {
        const signature = new Uint8Array(await crypto.subtle.sign('HMAC', key, signed))
        return `${scheme},${toBase64(signature)}`
      })
      return (await Promise.all(signatures)).join(' ')
    },
    async verify(signatures, id, timestamp, body) {
      const signed = utf8(`${id}.${timestamp}.${body}`)
      const given = signatures.split(' ', mostSignatures).flatMap((text) => {
        const bytes = text.startsWith(`${scheme},`) ? fromBase64(text.slice(scheme.length + 1)) : null
        return bytes ? [bytes] : []
      })
      const pairs = (await keys()).flatMap((key) => given.map((signature) => ({ key, signature })))
      // Web Crypto compares in constant time.
      const right = pairs.map(({ key, signature }) => crypto.subtle.verify('HMAC', key, signature, signed))
      return (await Promise.all(right)).includes(true)
    },
  }
}

function bytesOf(secret: unknown): Bytes | null {
  if (typeof secret !== 'string' || !secret.startsWith(prefix)) return null
  const bytes = fromBase64(secret.slice(prefix.length))
  return bytes && bytes.length >= leastBytes && bytes.length <= mostBytes ? bytes : null
}

function importKey(bytes: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}

function toBase64(bytes: Uint8Array): string {
  const text = base64url(bytes).replaceAll('-', '+').replaceAll('_', '/')
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}

function fromBase64(text: string): Bytes | null {
  return fromBase64url(text.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_'))
}

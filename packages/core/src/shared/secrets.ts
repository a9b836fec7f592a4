import { ConfigError } from '../errors.js'
import { type Bytes, base64url, concat, framed, fromBase64url, utf8 } from './bytes.js'
import { type Clock, systemClock } from './clock.js'
import { randomBytes } from './random.js'
import { withDeadline } from './store-deadline.js'

/** What a derived key is used for. Each purpose has a key of its own, so that nothing made for one passes for another. */
export type KeyPurpose =
  | 'session-tag'
  | 'device-mark'
  | 'ticket-tag'
  | 'authorization-code'
  | 'consent-request'
  | 'signin-state'
  | 'signin-attempt'
  | 'signin-exchange'
  | 'provider-tokens'
  | 'signing-key-seal'
  | 'signing-key-tag'

/** The deployment's secret: a string of at least 32 bytes, a list (the first is in use, all are accepted), or a function that gets either. */
export type SecretSource = string | readonly string[] | (() => Promise<string | readonly string[]>)

/** A message authentication tag and the secret that made it. */
export interface KeyedTag {
  /** Which of the secrets; 4 bytes. */
  readonly keyId: Bytes
  /** HMAC-SHA256, 32 bytes. */
  readonly tag: Bytes
}

/** Keys derived from the deployment's secrets (HKDF-SHA256, RFC 5869). */
export interface Secrets {
  /** Resolves when the secrets are loaded. @throws ConfigError, StoreError */
  ready(): Promise<void>
  /** Tags a message under the secret in use. */
  tag(purpose: KeyPurpose, message: Bytes): Promise<KeyedTag>
  /** Whether the tag was made for this message and purpose under any accepted secret. Constant time. */
  verifyTag(purpose: KeyPurpose, message: Bytes, keyed: KeyedTag): Promise<boolean>
  /** Encrypts under the secret in use: base64url of key id ‖ iv ‖ AES-256-GCM. Opens only with the same `context`. */
  seal(purpose: KeyPurpose, plain: Bytes, context: Bytes): Promise<string>
  /** Opens what `seal` made, or answers `null`. */
  open(purpose: KeyPurpose, sealed: string, context: Bytes): Promise<Bytes | null>
}

const minimumBytes = 32
const keyIdBytes = 4
const ivBytes = 12
const minimumDistinct = 4
const placeholder =
  /^(?:(?:change|me|your|my|the|this|super|secret|password|placeholder|example|default|key|here|please|insecure|todo)[-_ .!]{0,3})+$/i

/** What is wrong with a configured secret, without repeating it; `null` where nothing is. */
export function secretProblem(secret: unknown): string | null {
  if (typeof secret !== 'string') return 'must be a string'
  if (utf8(secret).length < minimumBytes)
    return `must have at least ${minimumBytes} bytes; \`openssl rand -base64 48\` makes one`
  if (secret.length < 1024 && placeholder.test(secret)) return 'is a placeholder; `openssl rand -base64 48` makes a real one'
  if (new Set(secret).size < minimumDistinct) return 'has too few different characters; `openssl rand -base64 48` makes one'
  return null
}

/** Encrypts with AES-256-GCM under a raw key: iv ‖ ciphertext ‖ tag. */
export async function encrypt(key: CryptoKey, plain: Bytes, context: Bytes): Promise<Bytes> {
  const iv = randomBytes(ivBytes)
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: context }, key, plain)
  return concat(iv, new Uint8Array(sealed))
}

/** Opens what `encrypt` made, or answers `null`. */
export async function decrypt(key: CryptoKey, sealed: Bytes, context: Bytes): Promise<Bytes | null> {
  const iv = sealed.subarray(0, ivBytes)
  try {
    const algorithm = { name: 'AES-GCM', iv, additionalData: context }
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, sealed.subarray(ivBytes)))
  } catch {
    return null
  }
}

/** Derives a key from high-entropy input for one purpose (RFC 5869). */
export async function deriveKey(input: Bytes, label: string, use: 'hmac' | 'aes'): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey('raw', input, 'HKDF', false, ['deriveKey'])
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: framed('auth-sdk', label) }
  return use === 'hmac'
    ? crypto.subtle.deriveKey(hkdf, base, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign', 'verify'])
    : crypto.subtle.deriveKey(hkdf, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

interface Secret {
  readonly keyId: Bytes
  key(purpose: KeyPurpose, use: 'hmac' | 'aes'): Promise<CryptoKey>
}

async function createSecret(text: string): Promise<Secret> {
  const input = utf8(text)
  const base = await crypto.subtle.importKey('raw', input, 'HKDF', false, ['deriveBits'])
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: framed('auth-sdk', 'key-id') }
  const keyId = new Uint8Array(await crypto.subtle.deriveBits(hkdf, base, keyIdBytes * 8))
  const keys = new Map<KeyPurpose, Promise<CryptoKey>>()
  return {
    keyId,
    key(purpose, use) {
      const known = keys.get(purpose)
      if (known) return known
      const derived = deriveKey(input, purpose, use)
      keys.set(purpose, derived)
      return derived
    },
  }
}

async function load(source: SecretSource, clock: Clock): Promise<readonly [Secret, ...Secret[]]> {
  const given: unknown = typeof source === 'function' ? await inTime(source, clock) : source
  const texts: readonly unknown[] = Array.isArray(given) ? given : [given]
  const problems = texts.flatMap((text, index) => {
    const message = secretProblem(text)
    return message === null ? [] : [{ path: texts.length === 1 ? 'secret' : `secret.${index}`, message }]
  })
  if (texts.length === 0) problems.push({ path: 'secret', message: 'must not be an empty list' })
  if (problems.length > 0) throw new ConfigError(problems)
  return (await Promise.all(texts.map((text) => createSecret(text as string)))) as [Secret, ...Secret[]] // Not empty: checked above.
}

/** How long a function that gets the secret may take. */
const sourceDeadlineMs = 5000

/** Asks for the secret. That it cannot be had is no mistake of the configuration. */
async function inTime(source: () => unknown, clock: Clock): Promise<unknown> {
  const port = withDeadline({ get: async () => source() }, 'secret', clock, sourceDeadlineMs)
  return port.get()
}

/** Loads the secrets once, at first use; a load that failed is tried again by the next use. */
export function createSecrets(source: SecretSource, clock: Clock = systemClock): Secrets {
  let loading: Promise<readonly [Secret, ...Secret[]]> | undefined
  const all = (): Promise<readonly [Secret, ...Secret[]]> => {
    loading ??= load(source, clock).catch((error: unknown) => {
      loading = undefined
      throw error
    })
    return loading
  }
  const byId = async (keyId: Uint8Array): Promise<Secret | undefined> =>
    (await all()).find((secret) => secret.keyId.every((byte, index) => byte === keyId[index]))

  return {
    async ready() {
      await all()
    },
    async tag(purpose, message) {
      const [secret] = await all()
      const tag = await crypto.subtle.sign('HMAC', await secret.key(purpose, 'hmac'), concat(secret.keyId, message))
      return { keyId: secret.keyId, tag: new Uint8Array(tag) }
    },
    async verifyTag(purpose, message, { keyId, tag }) {
      const secret = await byId(keyId)
      if (!secret) return false
      return crypto.subtle.verify('HMAC', await secret.key(purpose, 'hmac'), tag, concat(secret.keyId, message))
    },
    async seal(purpose, plain, context) {
      const [secret] = await all()
      return base64url(concat(secret.keyId, await encrypt(await secret.key(purpose, 'aes'), plain, context)))
    },
    async open(purpose, sealed, context) {
      const bytes = fromBase64url(sealed)
      if (!bytes || bytes.length <= keyIdBytes + ivBytes) return null
      const secret = await byId(bytes.subarray(0, keyIdBytes))
      if (!secret) return null
      return decrypt(await secret.key(purpose, 'aes'), bytes.subarray(keyIdBytes), context)
    },
  }
}

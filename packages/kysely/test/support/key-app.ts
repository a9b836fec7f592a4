import {
  type Auth,
  type AuthConfig,
  type AuthStores,
  createAuth,
  defineRoles,
  type OwnScope,
  type PasswordHasher,
  type Roles,
} from '@auth/core'
import { type VirtualClock, virtualClock } from '@auth/core/testing'

type Scope = OwnScope | 'read:orders' | 'write:orders'
type AppRoles = Roles<'user' | 'clerk' | 'admin', Scope>

const roles: AppRoles = defineRoles({
  user: { scopes: ['read:orders'] },
  clerk: { inherits: ['user'], scopes: ['write:orders'] },
  admin: { scopes: ['*'] },
})

/** What a request carries. */
export interface Call {
  readonly body?: object
  readonly bearer?: string
  readonly key?: string
  readonly ip?: string
}

/** An answer as a test looks at it. */
export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  readonly headers: Headers
}

/** One node of a deployment, to be called as over HTTP. */
export interface KeyNode {
  readonly auth: Auth<AppRoles>
  readonly clock: VirtualClock
  call(method: string, path: string, call?: Call): Promise<Answer>
  /** What a guard of the application says to a key: `ok`, or status and code. */
  guard(key: string, requirement?: Parameters<Auth<AppRoles>['authenticate']>[1], ip?: string): Promise<string>
}

/** What a test changes. */
export type KeyNodeConfig = Omit<Partial<AuthConfig<AppRoles>>, 'stores' | 'clock'> & { readonly clock?: VirtualClock }

/** What hashing costs is not what these tests are about. */
const quickHasher: PasswordHasher = {
  hash: async (text) => `$quick$${text.length}$${[...text].reverse().join('')}`,
  verify: async (hash, text) => hash === (await quickHasher.hash(text)),
  needsRehash: () => false,
}

const issuer = 'https://app.example.com'
export const password = 'a long enough passphrase'

const base = {
  issuer,
  secret: 'c7d1f0a4-a-secret-for-tests-alone-5be2937a',
  roles,
  defaultRole: 'user',
  logger: { warn: () => undefined, error: () => undefined },
  passwords: { hasher: quickHasher },
  tokens: { algorithm: 'ES256' },
} as const

/** Opens a node over stores. Its clock begins at the machine's time, which a database's clock is compared with. */
export function openNode(stores: AuthStores, { clock = virtualClock(new Date()), ...config }: KeyNodeConfig = {}): KeyNode {
  return { ...nodeOf(createAuth({ ...base, ...config, clock, stores })), clock }
}

/** Opens a node on the machine's own clock. */
export function openRealNode(stores: AuthStores, config: Omit<KeyNodeConfig, 'clock'> = {}): Omit<KeyNode, 'clock'> {
  return nodeOf(createAuth({ ...base, ...config, stores }))
}

function nodeOf(auth: Auth<AppRoles>): Omit<KeyNode, 'clock'> {
  return {
    auth,
    async call(method, path, { body, bearer, key, ip = '203.0.113.7' } = {}) {
      const headers = new Headers()
      if (bearer !== undefined) headers.set('authorization', `Bearer ${bearer}`)
      if (key !== undefined) headers.set('x-api-key', key)
      if (body !== undefined) headers.set('content-type', 'application/json')
      const text = body === undefined ? {} : { body: JSON.stringify(body) }
      const response = await auth.handler(new Request(`${issuer}/auth${path}`, { method, headers, ...text }), { ip })
      const answered = await response.text()
      const json = answered === '' ? {} : (JSON.parse(answered) as Record<string, unknown>)
      return { status: response.status, body: json, headers: response.headers }
    },
    async guard(key, requirement, ip = '203.0.113.7') {
      const header = (name: string): string | undefined => (name === 'x-api-key' ? key : undefined)
      const seen = await auth.authenticate({ method: 'GET', url: '/orders', header, ip }, requirement)
      return seen.ok ? 'ok' : `${seen.refusal.status} ${seen.refusal.code}`
    },
  }
}

/** A person with a session of their own. */
export interface Person {
  readonly id: string
  readonly email: string
  /** An access token. */
  readonly bearer: string
}

let people = 0

/** Makes an account and signs its owner in. */
export async function signUp(node: KeyNode, ...given: readonly ('user' | 'clerk' | 'admin')[]): Promise<Person> {
  const email = `person-${process.pid}-${people++}@example.com`
  const { id } = await node.auth.accounts.create({ email, password, roles: given.length > 0 ? given : ['user'] })
  return { id, email, bearer: await logIn(node, email) }
}

/** Signs somebody in. */
export async function logIn(node: KeyNode, email: string): Promise<string> {
  const { body } = await node.call('POST', '/login', { body: { email, password } })
  return String(body.accessToken)
}

/** A key as its answer shows it. */
export interface ShownKey {
  readonly id: string
  readonly key: string
  readonly expiresAt: string | null
}

/** Makes a key over HTTP. */
export async function makeKey(node: KeyNode, { bearer }: Person, wish: object = {}): Promise<ShownKey> {
  const body = { name: 'Deploy bot', scopes: ['read:orders'], ...wish }
  const answer = await node.call('POST', '/api-keys', { bearer, body })
  if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body as unknown as ShownKey // Tests look at its fields.
}

/** Gives somebody who has a key so many more like it, past every limit. */
export async function fill(
  { apiKeys }: Pick<Required<AuthStores>, 'apiKeys'>,
  userId: string,
  count: number,
): Promise<void> {
  const [kept] = await apiKeys.list(userId)
  if (!kept) throw new Error('there is no key to copy')
  const batch = 10
  for (let made = 0; made < count; made += batch) {
    const copies = Array.from({ length: Math.min(batch, count - made) }, (_, i) => ({
      ...kept,
      id: `${kept.id}-${made + i}`,
    }))
    await Promise.all(copies.map((key) => apiKeys.insert(key)))
  }
}

/** Another key of the same form, or the same id with another secret, whose checksum is right. */
export function lookalikeOf(key: string, { sameId = false }: { readonly sameId?: boolean } = {}): string {
  const checkAt = key.length - 6
  const idEnd = key.length - 38
  const secretAt = sameId ? idEnd : idEnd - 16
  const random = Array.from(crypto.getRandomValues(new Uint8Array(checkAt - secretAt)), (byte) => base62[byte % 62]).join('')
  const checked = key.slice(0, secretAt) + random
  return checked + toBase62(crc32(checked))
}

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function toBase62(value: number): string {
  let text = ''
  for (let rest = value; text.length < 6; rest = Math.floor(rest / 62)) text = `${base62[rest % 62]}${text}`
  return text
}

/** Written once more, so that what it makes is not right only by the code under test. */
function crc32(text: string): number {
  let crc = 0xffffffff
  for (const char of text) {
    crc ^= char.charCodeAt(0)
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}

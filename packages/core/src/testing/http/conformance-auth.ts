import {
  type Auth,
  type AuthConfig,
  AuthError,
  type AuthStores,
  createAuth,
  defineRoles,
  type Mail,
  memoryStores,
  type PasswordHasher,
  type Roles,
  StoreError,
} from '../../index.js'
import type { ConformanceRole, ConformanceScope, HttpAppSettings } from './app-under-test.js'
import { withProbes } from './probes.js'

/** Roles and scopes of the apps under test. */
export type ConformanceRoles = Roles<ConformanceRole, ConformanceScope | 'users:read' | 'users:manage' | 'audit:read'>

const roles: ConformanceRoles = defineRoles(
  { user: { scopes: ['read:orders', 'write:orders'] }, admin: { inherits: ['user'], scopes: ['*'] } },
  { scopes: ['read:invoices'] },
)

/** A password at which the hasher finds its queue full. */
export const busyPassword = 'the hasher is busy'
/** A password at which the hasher fails. */
export const faultyPassword = 'the hasher fails'

/**
 * Makes the `Auth` of an app under test. Some paths below `basePath` are there for the kit alone.
 * @param overrides Settings of your own, as `basePath` or `stores`. Whatever else is changed, rows may fail.
 */
export function conformanceAuth(
  settings: HttpAppSettings,
  overrides: Partial<AuthConfig<ConformanceRoles>> = {},
): Auth<ConformanceRoles> {
  const { issuer, secret, signingKey, trustedProxies, isDown, pageOrigin } = settings
  const stores = overrides.stores ?? memoryStores()
  const silent = { warn: () => undefined, error: () => undefined }
  const sent: Mail[] = []
  const auth = createAuth<ConformanceRoles>({
    issuer,
    secret,
    roles,
    defaultRole: 'user',
    origins: pageOrigin === null ? [issuer] : [issuer, pageOrigin],
    trustedProxies,
    registration: isDown ? 'closed' : 'open',
    passwords: { hasher: plainHasher },
    logger: silent,
    mailer: { send: (mail) => sent.push(mail) },
    links: {
      verifyEmail: `${issuer}/verify-email`,
      resetPassword: `${issuer}/reset-password`,
      signIn: `${issuer}/sign-in`,
      notMe: `${issuer}/not-me`,
    },
    oauth: {},
    ...overrides,
    tokens: { algorithm: 'ES256', keys: signingKey, ...overrides.tokens },
    stores: isDown ? brokenDown(stores) : stores,
  })
  return withProbes(auth, sent)
}

/** Quick: what Argon2 costs is not what HTTP is about. */
const plainHasher: PasswordHasher = {
  hash: async (text) => `$plain$${encodeURIComponent(text)}`,
  async verify(hash, text) {
    if (text === busyPassword) throw new AuthError('overloaded', { retryAfterSeconds: 1 })
    if (text === faultyPassword) throw new Error('secret detail')
    return hash === (await plainHasher.hash(text))
  },
  needsRehash: () => false,
}

/** Stores of which no method answers. */
function brokenDown(stores: AuthStores): AuthStores {
  const fail = async (): Promise<never> => {
    throw new StoreError('down')
  }
  const broken = Object.entries(stores).map(([name, store]) => [
    name,
    new Proxy(store as object, {
      get: (target, key) =>
        typeof Reflect.get(target, key) === 'function' && key !== 'subscribe' ? fail : Reflect.get(target, key),
    }),
  ])
  return Object.fromEntries(broken) as AuthStores // The same stores under the same names.
}

import { type Auth, AuthError, type AuthStores, createAuth, defineRoles, type Mailer, type OAuthProvider } from '@auth/core'
import type { Membership } from './deployment.js'
import type { Settings } from './settings.js'

/** The demo's roles and what they may do. */
export const roles = defineRoles({
  user: { scopes: ['read:orders', 'write:orders'] },
  support: { inherits: ['user'], scopes: ['read:users', 'users:read'] },
  admin: { scopes: ['*'] },
})

/** The demo's `Auth`. */
export type DemoAuth = Auth<typeof roles>

/** What the settings alone do not say. */
export interface DemoParts extends Membership {
  readonly secret: string
  readonly stores: AuthStores
  readonly mailer: Mailer
  /** Who people can sign in with. */
  readonly providers: readonly OAuthProvider[]
}

/** Makes the demo's `Auth`. @throws ConfigError */
export function createDemoAuth(settings: Settings, parts: DemoParts): DemoAuth {
  const { ACCESS_TTL, REFRESH_TTL, RETRY_WINDOW, SESSION_IDLE, MAX_STALENESS, REGISTRATION, ALGORITHM, TRUSTED_PROXIES } =
    settings
  return createAuth({
    issuer: parts.issuer,
    origins: parts.origins,
    secret: parts.secret,
    stores: parts.stores,
    roles,
    defaultRole: 'user',
    providers: parts.providers,
    mailer: parts.mailer,
    links: {
      verifyEmail: `${parts.issuer}/verify-email`,
      resetPassword: `${parts.issuer}/reset-password`,
      signIn: `${parts.issuer}/`,
      notMe: `${parts.issuer}/not-me`,
    },
    oauth: {
      scopeDescriptions: { 'read:orders': 'See your orders', 'write:orders': 'Place orders for you' },
    },
    ...given({ trustedProxies: TRUSTED_PROXIES, maxStaleness: MAX_STALENESS, registration: REGISTRATION }),
    tokens: given({ algorithm: ALGORITHM, accessTtl: ACCESS_TTL, refreshTtl: REFRESH_TTL, retryWindow: RETRY_WINDOW }),
    sessions: given({ idle: SESSION_IDLE }),
  })
}

/** Makes the administrator that the settings name, unless that account is there already, or another process makes it first. */
export async function ensureAdmin(
  auth: DemoAuth,
  { DEMO_ADMIN_EMAIL: email, DEMO_ADMIN_PASSWORD: password }: Settings,
): Promise<void> {
  if (email === undefined || password === undefined) return
  try {
    await auth.accounts.create({ email, password, roles: ['admin'], emailVerified: true })
  } catch (error) {
    if (!(error instanceof AuthError && error.code === 'email_taken')) throw error
  }
}

type Given<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> }

/** The settings without those that were left unset: a default is what the SDK has, not what stands here. */
function given<T extends object>(settings: T): Given<T> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Given<T> // The same names, minus some.
}

import { z } from 'zod'
import { type ApiKeySettings, apiKeySettings, apiKeysProblems } from './api-keys/index.js'
import type { AuditSink } from './audit/index.js'
import type { AuthConfig, PasswordsConfig, SecurityAlert } from './auth-config.js'
import { ConfigError, type ConfigProblem } from './errors.js'
import type { AuthLogger } from './http/index.js'
import { linkProblem, type Mailer, type MailLinks, type MailTemplates, mailKinds } from './mail/index.js'
import { providersProblems, type SocialSettings, socialProblems, socialSettings } from './oauth-client/index.js'
import { type OAuthSettings, oauthProblems, oauthSettings } from './oauth-server/index.js'
import { defineRoles, type Roles } from './rbac/index.js'
import type { SessionPolicy } from './sessions/index.js'
import { type Clock, systemClock } from './shared/clock.js'
import { type Duration, durationSeconds } from './shared/duration.js'
import { callHook } from './shared/hook.js'
import { isLoopback } from './shared/loopback.js'
import { type Network, parseNetwork } from './shared/network.js'
import { type SecretSource, secretProblem } from './shared/secrets.js'
import {
  type KeySource,
  keySourceProblems,
  type Signer,
  type SigningAlgorithm,
  signerProblems,
  signingAlgorithms,
} from './signing-keys/index.js'
import type { AuthStores } from './stores.js'
import { accountPolicy, addressPolicy, highestAttemptLimit, type ThrottlePolicies } from './throttle/index.js'
import { maxAccessTtlSeconds, maxClockToleranceSeconds } from './tokens/index.js'

/** A configuration with every default in place. */
export interface ResolvedConfig {
  readonly issuer: URL
  /** The issuer as it stands in tokens. */
  readonly issuerId: string
  readonly secret: SecretSource
  readonly stores: AuthStores
  readonly roles: Roles
  readonly defaultRole: string | null
  readonly audience: string
  readonly basePath: string
  readonly origins: ReadonlySet<string>
  readonly trustedProxies: readonly Network[]
  readonly accessTtlSeconds: number
  readonly clockToleranceSeconds: number
  readonly algorithm: SigningAlgorithm
  readonly keys: KeySource | undefined
  readonly signer: Signer | undefined
  readonly sessionPolicy: SessionPolicy
  readonly passwords: PasswordsConfig & { readonly minLength: number }
  readonly throttle: { readonly count: 'failures' | 'attempts'; readonly policies: ThrottlePolicies }
  /** `null`: there are no API keys. */
  readonly apiKeys: ApiKeySettings | null
  /** `null`: no OAuth server. */
  readonly oauth: OAuthSettings | null
  /** The page on which people sign in. */
  readonly signInLink: string | null
  readonly registration: 'open' | 'verified' | 'closed'
  /** `null`: no mails are sent. */
  readonly mail: { readonly mailer: Mailer; readonly links: MailLinks; readonly templates: MailTemplates } | null
  /** `null`: nobody signs in with a provider. */
  readonly social: SocialSettings | null
  readonly sinks: readonly AuditSink[]
  readonly auditRetentionSeconds: number
  readonly onSecurityAlert: ((alert: SecurityAlert) => void | Promise<void>) | undefined
  readonly logger: AuthLogger
  readonly clock: Clock
}

const daySeconds = 86_400

const callable = z.custom<(...given: never[]) => unknown>((value) => typeof value === 'function', 'must be a function')
const portOf = (...methods: readonly string[]): z.ZodType<object> =>
  z.custom<object>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      methods.every((method) => typeof Reflect.get(value, method) === 'function'),
    `must have the methods ${methods.join(', ')}`,
  )
const duration = (minimum: number, maximum: number, fallback: Duration) =>
  z
    .custom<Duration>((value) => durationSeconds(value) !== null, "must be a duration: whole seconds, or as in '15m'")
    .default(fallback)
    .transform((value) => durationSeconds(value) ?? 0)
    .refine((seconds) => seconds >= minimum && seconds <= maximum, `must be from ${minimum} to ${maximum} seconds`)

const attemptLimit = z.int().min(1, 'must be at least 1').max(highestAttemptLimit, `must be at most ${highestAttemptLimit}`)
const isLongerSecond = ({ lock, longLock }: { lock: number; longLock: number }): boolean => longLock >= lock
const longLockMessage = { path: ['longLock'], message: 'must not be shorter than lock' }
const link = z.unknown().superRefine((value, context) => {
  const message = linkProblem(value)
  if (message) context.addIssue({ code: 'custom', message })
})

/** A setting that its room judges. */
const checkedBy = (problemsOf: (value: unknown) => readonly ConfigProblem[]) =>
  z
    .unknown()
    .optional()
    .superRefine((value, context) => {
      for (const { path, message } of problemsOf(value))
        context.addIssue({ code: 'custom', message, path: path.split('.').slice(1) })
    })

const stores = z.strictObject({
  users: portOf('find', 'findByEmailKey', 'insert', 'swapPasswordHash', 'swapEmail', 'revoke', 'delete', 'list'),
  sessions: portOf(
    'insert',
    'find',
    'listLive',
    'rotate',
    'touch',
    'swapEpoch',
    'revoke',
    'revokeAll',
    'eraseSuccessors',
    'deleteExpired',
  ),
  revocations: portOf('append', 'read', 'subscribe', 'deleteExpired'),
  attempts: portOf('find', 'take', 'settle', 'giveBack', 'clear', 'deleteExpired'),
  signingKeys: portOf('list', 'insert', 'swap', 'delete').optional(),
  audit: portOf('insert', 'list', 'deleteExpired').optional(),
  tickets: portOf('insert', 'find', 'consume', 'revokeAll', 'deleteExpired').optional(),
  apiKeys: portOf('insert', 'find', 'list', 'rotate', 'revoke', 'revokeAll', 'recordUses', 'deleteExpired').optional(),
  identities: portOf('find', 'list', 'insertUser', 'insert', 'claim', 'swapTokens', 'delete', 'deleteAll').optional(),
  clients: portOf('insert', 'find', 'list', 'swap', 'delete').optional(),
})

const shape = z.strictObject({
  issuer: z.string().superRefine((value, context) => {
    const message = issuerProblem(value)
    if (message) context.addIssue({ code: 'custom', message })
  }),
  secret: z.unknown().superRefine((value, context) => {
    for (const { path, message } of secretProblems(value)) context.addIssue({ code: 'custom', message, path })
  }),
  stores,
  roles: portOf('resolve', 'has', 'hasScope', 'definition').optional(),
  defaultRole: z.string().optional(),
  audience: z.string().min(1).optional(),
  basePath: z
    .string()
    .regex(/^(?:\/[A-Za-z0-9_-]+)+$/, 'must begin with a slash, not end with one, and hold plain segments only')
    .default('/auth'),
  origins: z.array(z.string().refine(isOrigin, 'must be an origin such as https://app.example.com')).optional(),
  trustedProxies: z
    .array(z.string().refine((text) => parseNetwork(text) !== null, 'must be a network such as 10.0.0.0/8'))
    .default([]),
  maxStaleness: duration(1, 300, '5s'),
  tokens: z
    .strictObject({
      algorithm: z.enum(signingAlgorithms as [SigningAlgorithm, ...SigningAlgorithm[]]).default('RS256'),
      accessTtl: duration(1, maxAccessTtlSeconds, '15m'),
      refreshTtl: duration(1, 3650 * daySeconds, '30d'),
      retryWindow: duration(0, 60, 0),
      onReuse: z.enum(['user', 'session']).default('user'),
      clockTolerance: duration(0, maxClockToleranceSeconds, '5s'),
      keys: z.unknown().optional(),
      signer: portOf('sign').optional(),
    })
    .prefault({}),
  sessions: z
    .strictObject({ idle: duration(1, 3650 * daySeconds, '7d'), absolute: duration(1, 3650 * daySeconds, '30d') })
    .prefault({}),
  passwords: z
    .strictObject({
      hasher: portOf('hash', 'verify', 'needsRehash').optional(),
      minLength: z.int().min(8, 'must be at least 8').max(64, 'must be at most 64').default(8),
      breached: portOf('range').optional(),
    })
    .prefault({}),
  throttle: z
    .strictObject({
      count: z.enum(['failures', 'attempts']).default('failures'),
      address: z
        .strictObject({
          limit: attemptLimit.default(addressPolicy.limit),
          window: duration(1, 3600, '1m'),
          lock: duration(1, daySeconds, '15m'),
          longLock: duration(1, daySeconds, '1h'),
        })
        .refine(isLongerSecond, longLockMessage)
        .prefault({}),
      account: z
        .strictObject({
          limit: attemptLimit.default(accountPolicy.limit),
          lock: duration(1, daySeconds, '15m'),
          longLock: duration(1, daySeconds, '1h'),
          forget: duration(3600, 30 * daySeconds, '24h'),
        })
        .refine(isLongerSecond, longLockMessage)
        .prefault({}),
    })
    .prefault({}),
  apiKeys: checkedBy(apiKeysProblems),
  registration: z.enum(['open', 'verified', 'closed']).default('open'),
  mailer: portOf('send').optional(),
  links: z
    .strictObject({
      verifyEmail: link.optional(),
      resetPassword: link.optional(),
      signIn: link.optional(),
      notMe: link.optional(),
    })
    .optional(),
  oauth: checkedBy(oauthProblems),
  mailTemplates: z.strictObject(Object.fromEntries(mailKinds.map((kind) => [kind, callable.optional()]))).optional(),
  audit: z
    .strictObject({
      sinks: z.array(portOf('write')).default([]),
      retention: duration(daySeconds, 36_500 * daySeconds, '400d'),
    })
    .prefault({}),
  providers: checkedBy(providersProblems),
  social: checkedBy(socialProblems),
  onSecurityAlert: callable.optional(),
  logger: portOf('warn', 'error').optional(),
  clock: portOf('now', 'monotonicMs', 'wait').optional(),
})

/** Checks a configuration once and puts the defaults in place. @throws ConfigError with every mistake */
export function parseConfig(config: AuthConfig): ResolvedConfig {
  const parsed = shape.safeParse(config)
  const problems: ConfigProblem[] = parsed.success
    ? crossProblems(config, parsed.data)
    : parsed.error.issues.flatMap((issue) =>
        issue.code === 'unrecognized_keys'
          ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'is no setting' }))
          : [{ path: issue.path.join('.'), message: issue.message }],
      )
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)
  return Object.freeze(resolve(config, parsed.data))
}

type ParsedConfig = z.output<typeof shape>

/** What is wrong between settings that are right by themselves. */
function crossProblems(config: AuthConfig, { tokens, defaultRole, stores, sessions }: ParsedConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = mailProblems(config)
  const given = tokens.keys !== undefined || tokens.signer !== undefined
  if (tokens.keys !== undefined && tokens.signer !== undefined)
    problems.push({ path: 'tokens.signer', message: 'cannot stand beside tokens.keys' })
  if (config.tokens?.keys !== undefined) problems.push(...keySourceProblems(config.tokens.keys, tokens.algorithm))
  if (config.tokens?.signer !== undefined) problems.push(...signerProblems(config.tokens.signer))
  if (!given && !stores.signingKeys) {
    problems.push({
      path: 'stores.signingKeys',
      message: 'is needed to keep generated signing keys; or give tokens.keys or tokens.signer',
    })
  }
  if (config.apiKeys && !stores.apiKeys) problems.push({ path: 'stores.apiKeys', message: 'is needed for API keys' })
  for (const name of ['identities', 'tickets'] as const)
    if (config.providers?.length && !stores[name])
      problems.push({ path: `stores.${name}`, message: 'is needed to sign in with providers' })
  if (config.social && !config.providers?.length)
    problems.push({ path: 'providers', message: 'is missing: there is nobody to sign in with' })
  for (const name of ['clients', 'tickets'] as const)
    if (config.oauth && !stores[name]) problems.push({ path: `stores.${name}`, message: 'is needed for the OAuth server' })
  if (defaultRole !== undefined && !config.roles?.has(defaultRole))
    problems.push({ path: 'defaultRole', message: 'is not a declared role' })
  if (sessions.idle > sessions.absolute)
    problems.push({ path: 'sessions.idle', message: 'must not be longer than sessions.absolute' })
  return problems
}

/** What mails need beside each other. */
function mailProblems({ registration, mailer, links, mailTemplates, stores }: AuthConfig): ConfigProblem[] {
  const needed = mailer ? 'is needed to send mails' : "is needed for registration: 'verified'"
  const problems: ConfigProblem[] = []
  if (!mailer && registration === 'verified') problems.push({ path: 'mailer', message: needed })
  const isOfMails = mailTemplates || Object.keys(links ?? {}).some((name) => name !== 'signIn')
  if (!mailer && isOfMails) problems.push({ path: 'mailer', message: 'is missing: nothing would send mails' })
  if (!mailer && registration !== 'verified') return problems
  if (!links) problems.push({ path: 'links', message: needed })
  for (const name of ['verifyEmail', 'resetPassword', 'signIn'] as const)
    if (links && links[name] === undefined) problems.push({ path: `links.${name}`, message: needed })
  if (!stores.tickets) problems.push({ path: 'stores.tickets', message: needed })
  return problems
}

function resolve(config: AuthConfig, parsed: ParsedConfig): ResolvedConfig {
  const { tokens, sessions } = parsed
  const issuer = new URL(config.issuer)
  const issuerId = config.issuer
  return {
    issuer,
    issuerId,
    secret: typeof config.secret === 'object' ? [...config.secret] : config.secret,
    stores: { ...config.stores },
    roles: config.roles ?? defineRoles({}),
    defaultRole: config.defaultRole ?? null,
    audience: config.audience ?? issuerId,
    basePath: parsed.basePath,
    origins: new Set(config.origins ?? [issuer.origin]),
    trustedProxies: parsed.trustedProxies.map(parseNetwork).filter((network) => network !== null),
    accessTtlSeconds: tokens.accessTtl,
    clockToleranceSeconds: tokens.clockTolerance,
    algorithm: tokens.algorithm,
    keys: config.tokens?.keys,
    signer: config.tokens?.signer,
    sessionPolicy: {
      lifetimes: {
        cookie: { idleSeconds: sessions.idle, absoluteSeconds: sessions.absolute },
        refresh: { idleSeconds: tokens.refreshTtl, absoluteSeconds: Math.max(90 * daySeconds, tokens.refreshTtl) },
      },
      retryWindowMs: tokens.retryWindow * 1000,
      onReuse: tokens.onReuse,
      maxStalenessMs: parsed.maxStaleness * 1000,
    },
    passwords: { ...config.passwords, minLength: parsed.passwords.minLength },
    throttle: { count: parsed.throttle.count, policies: throttlePolicies(parsed.throttle) },
    apiKeys: config.apiKeys === false || !config.stores.apiKeys ? null : apiKeySettings(config.apiKeys ?? {}),
    oauth: config.oauth ? oauthSettings(config.oauth) : null,
    signInLink: config.links?.signIn ?? null,
    registration: parsed.registration,
    mail:
      config.mailer && config.links
        ? { mailer: config.mailer, links: { ...config.links } as MailLinks, templates: { ...config.mailTemplates } } // All are there: see `mailProblems`.
        : null,
    social: socialSettings(config.providers, config.social),
    sinks: [...(config.audit?.sinks ?? [])],
    auditRetentionSeconds: parsed.audit.retention,
    onSecurityAlert: config.onSecurityAlert,
    logger: quietly(config.logger ?? consoleLogger),
    clock: config.clock ?? systemClock,
  }
}

function throttlePolicies({ address, account }: ParsedConfig['throttle']): ThrottlePolicies {
  const locks = { lockSeconds: address.lock, longLockSeconds: address.longLock }
  return {
    address: {
      ...addressPolicy,
      limit: address.limit,
      windowSeconds: address.window,
      locks: { after: 3, withinSeconds: 3600, longWithinSeconds: 3600 + address.longLock, ...locks },
    },
    account: {
      ...accountPolicy,
      limit: account.limit,
      lockSeconds: account.lock,
      longLockSeconds: account.longLock,
      forgetSeconds: account.forget,
    },
  }
}

/** Whatever a logger does, the answer stays the same. */
function quietly(logger: AuthLogger): AuthLogger {
  return {
    warn: (details, message) => callHook(() => logger.warn(details, message)),
    error: (details, message) => callHook(() => logger.error(details, message)),
  }
}

const consoleLogger: AuthLogger = {
  warn: (details, message) => console.warn(`[auth] ${message}`, details),
  error: (details, message) => console.error(`[auth] ${message}`, details),
}

/** RFC 8414, section 2: no query, no fragment; plain HTTP on the machine itself alone. */
function issuerProblem(text: string): string | null {
  if (!URL.canParse(text)) return 'must be a URL such as https://app.example.com'
  const url = new URL(text)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname)))
    return 'must be https (http on localhost alone)'
  if (url.search || url.hash || url.username || url.password) return 'must have no query, fragment or user'
  if (text.endsWith('/')) return 'must not end with a slash'
  return null
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text
}

function secretProblems(value: unknown): { path: number[]; message: string }[] {
  if (typeof value === 'function') return []
  if (!Array.isArray(value)) {
    const message = secretProblem(value)
    return message === null ? [] : [{ path: [], message }]
  }
  if (value.length === 0) return [{ path: [], message: 'must not be an empty list' }]
  return value.flatMap((text: unknown, index) => {
    const message = secretProblem(text)
    return message === null ? [] : [{ path: [index], message }]
  })
}

import {
  createAccountService,
  createNewDevices,
  createSetEmail,
  createUserRights,
  type UserRecord,
} from './accounts/index.js'
import { afterStart } from './after-start.js'
import type { ApiKeyService } from './api-keys/index.js'
import { createAudit, createAuditRecorder } from './audit/index.js'
import type { AuthConfig, RoleNameOf, ScopeNameOf, SecurityAlert } from './auth-config.js'
import { parseConfig, type ResolvedConfig } from './config.js'
import { checkDeployment } from './deployment.js'
import type { GuardAuth } from './guard-auth.js'
import {
  type Authentication,
  type Authenticator,
  type AuthHandler,
  cookieNames,
  createAuthenticator,
  createHandler,
  createRoutes,
  type Refusal,
  type RequestSource,
  refusalResponse,
  toRefusal,
} from './http/index.js'
import { type MaintenanceReport, maintain } from './maintain.js'
import { createPasswordService, defaultHasher } from './passwords/index.js'
import {
  administratorRoles,
  checkRequirement,
  createRouteMatrix,
  type FoundRoute,
  type OwnScope,
  type Requirement,
  type Roles,
} from './rbac/index.js'
import { createServices, type Services } from './services.js'
import { createRefreshService, createSessionService, type SessionRecord } from './sessions/index.js'
import { lazy } from './shared/lazy.js'
import { createSecrets, type Secrets } from './shared/secrets.js'
import { withDeadline } from './shared/store-deadline.js'
import { createKeyRing, type KeyRing } from './signing-keys/index.js'
import type { AuthStores } from './stores.js'
import { createDeviceMarks, createThrottle } from './throttle/index.js'
import {
  createRevocationFeed,
  createTokenService,
  firstPartyClientId,
  type IssuedToken,
  type RevocationFeed,
} from './tokens/index.js'
import { wireApiKeys } from './wire-api-keys.js'
import { type MailParts, wireMailed, wireMails } from './wire-mails.js'
import { type OAuthDocuments, oauthDocuments, wireOAuth } from './wire-oauth.js'
import { wireSocial } from './wire-social.js'

/** One deployment's authentication: what `createAuth` makes and adapters mount. */
export interface Auth<R extends Roles = Roles> extends Services<RoleNameOf<R>, ScopeNameOf<R>>, GuardAuth<R> {
  readonly issuer: string
  readonly basePath: string
  /** Answers the SDK's own routes. Never rejects. The request's host is ignored: the issuer is configured. */
  handler(request: Request, context?: { readonly ip?: string | undefined }): Promise<Response>
  /** Paths that `handler` is there for outside the base path: the root's `.well-known` documents. */
  readonly rootPaths: readonly string[]
  /** Whether `handler` is there for a path. */
  serves(pathname: string): boolean
  /** Loads secret, keys and revocations, so that a start fails early. Optional. @throws ConfigError, StoreError */
  ready(): Promise<void>
  /**
   * Resolves when every mail that was asked for so far has been handed to the mailer, or failed. Await it before a process
   * ends or is frozen after its answer, as in `after()` of a serverless function.
   */
  mailsSent(): Promise<void>
  /** Removes what has long expired, and writes the gathered uses of API keys. Run it about once an hour, on one node or on all. @throws StoreError */
  maintain(): Promise<MaintenanceReport>
}

/** How long any store may take to answer. */
const storeDeadlineMs = 2000

/**
 * Makes the authentication of one deployment.
 * @throws ConfigError with every mistake in the configuration
 * @example
 * const auth = createAuth({ issuer: 'https://app.example.com', secret: process.env.AUTH_SECRET, stores: memoryStores() })
 */
export function createAuth<const R extends Roles = Roles<never, OwnScope>>(config: AuthConfig<R>): Auth<R> {
  const resolved = parseConfig(config)
  const { issuerId: issuer, basePath, clock, sessionPolicy, auditRetentionSeconds } = resolved
  const documents = oauthDocuments(resolved)
  const parts = wire(resolved, documents)
  const { keyRing, secrets, feed, handler, authenticator, services, apiKeys, stores } = parts
  const refuse = (error: unknown): Refusal => toRefusal(error, resolved.logger, documents.resourceMetadata)
  // Once, before anything is served: a process with the wrong stores must not answer a single request.
  const started = lazy(async () => {
    await secrets.ready()
    await checkDeployment(stores)
  })
  const { rbac, passwords, ...overStores } = services
  const { assign, remove, list, explainUser } = rbac
  return Object.freeze({
    ...afterStart(started, overStores),
    rbac: { ...rbac, ...afterStart(started, { assign, remove, list, explainUser }) },
    passwords,
    issuer,
    basePath,
    async handler(request: Request, context: { readonly ip?: string | undefined } = {}) {
      const failed = await started().then(() => null, refuse)
      return failed ? refusalResponse(failed) : handler.handle(request, context.ip)
    },
    async authenticate<Context>(
      source: RequestSource,
      requirement?: Requirement<string, string, Context>,
      context?: Context,
    ): Promise<Authentication> {
      const refusal = await started().then(() => null, refuse)
      return refusal ? { ok: false, refusal } : authenticator.authenticate(source, requirement, context)
    },
    rootPaths: handler.rootPaths,
    serves: (pathname: string) => handler.serves(pathname),
    checkRequirement: <Context>(requirement: Requirement<string, string, Context>) =>
      checkRequirement(requirement, resolved.roles),
    matrix: (found: readonly FoundRoute[]) =>
      createRouteMatrix(
        found.flatMap((route) => (route.marks.some(({ kind }) => kind === 'routes') ? handler.routes : [route])),
        resolved.roles,
      ),
    refuse,
    async ready() {
      await started()
      await keyRing.ready()
      await feed.ensureFresh()
    },
    mailsSent: async () => parts.mails?.postOffice.idle(),
    async maintain() {
      await started()
      await apiKeys?.flushUses()
      return maintain(stores, keyRing, clock, { retryWindowMs: sessionPolicy.retryWindowMs, auditRetentionSeconds })
    },
  }) as unknown as Auth<R> // The names of roles and scopes exist in types alone.
}

interface Parts {
  readonly keyRing: KeyRing
  readonly secrets: Secrets
  readonly feed: RevocationFeed
  readonly handler: AuthHandler
  readonly authenticator: Authenticator
  readonly services: Services
  readonly apiKeys: ApiKeyService | null
  readonly stores: AuthStores
  readonly mails: MailParts | null
}

/** Puts the rooms together. */
function wire(config: ResolvedConfig, documents: OAuthDocuments): Parts {
  const { clock, logger, roles } = config
  const stores = guardStores(config)
  const { users, sessions, revocations, attempts } = stores
  const secrets = createSecrets(config.secret, clock)
  const audit = createAuditRecorder({
    ...(config.stores.audit ? { store: config.stores.audit } : {}),
    sinks: config.sinks,
    clock,
    onSinkError: (error) => logger.error({ err: error }, 'an audit event could not be written'),
  })
  const feed = createRevocationFeed({
    store: revocations,
    clock,
    maxStalenessMs: config.sessionPolicy.maxStalenessMs,
    onClockSkew: (skewMs) => logger.warn({ skewMs }, "this machine's clock differs from the revocation store's"),
  })
  const keyRing = createKeyRing({
    source: keySource(config, stores),
    secrets,
    clock,
    algorithm: config.algorithm,
    logger,
    audit,
  })
  const tokens = createTokenService({
    keyRing,
    feed,
    clock,
    issuer: config.issuerId,
    audience: config.audience,
    accessTtlSeconds: config.accessTtlSeconds,
    clockToleranceSeconds: config.clockToleranceSeconds,
  })
  const shared = {
    users,
    givenUsers: config.stores.users,
    sessions,
    revocations: config.stores.revocations,
    feed,
    secrets,
    clock,
    audit,
    policy: config.sessionPolicy,
  }
  const issueAccess = (user: UserRecord, session: SessionRecord): Promise<IssuedToken> =>
    tokens.issue({
      subject: user.id,
      clientId: firstPartyClientId,
      sessionId: session.id,
      authenticatedAt: session.authenticatedAt,
      accessVersion: user.accessVersion,
      ...roles.resolve(user.roles),
    })
  const mails = wireMails(config, { stores, secrets, audit })
  const alert = (raised: SecurityAlert): void => {
    notify(config, raised)
    if ('userId' in raised) mails?.account.alert(raised.userId, raised.kind)
  }
  const sessionService = createSessionService(shared)
  const refresh = createRefreshService({ ...shared, issueAccess, alert })
  const apiKeys = wireApiKeys(config, { stores, feed, audit, alert })
  const passwords = createPasswordService({
    ...config.passwords,
    hasher: config.passwords.hasher ?? defaultHasher(),
    serviceName: config.issuer.hostname,
    onBreachedUnavailable: () => void audit.record({ type: 'breach_check.unavailable', outcome: 'failure' }),
    clock,
  })
  const throttle = createThrottle({ store: attempts, clock, ...config.throttle })
  const deviceMarks = createDeviceMarks(secrets)
  const newDevices = createNewDevices({
    attempts,
    clock,
    alert,
    onError: (error) => logger.warn({ err: error }, 'a sign-in could not be compared with earlier ones'),
  })
  const hasApiKeys = async (userId: string): Promise<boolean> => (await apiKeys?.hasAny(userId)) ?? false
  const revokeApiKeys = async (userId: string): Promise<void> => void (await apiKeys?.revokeAll(userId))
  const withdrawTickets = async (userId: string): Promise<void> => mails?.tickets.withdraw(userId)
  const revokeKeysAndTickets = async (userId: string): Promise<void> => {
    await revokeApiKeys(userId)
    await withdrawTickets(userId)
  }
  const ofUsers = { ...shared, revokeApiKeys: revokeKeysAndTickets, administratorRoles: administratorRoles(roles) }
  const accounts = createAccountService({
    ...ofUsers,
    passwords,
    throttle,
    deviceMarks,
    newDevices,
    forgetAddresses: async (userId) => mails?.notes.forget(userId),
    alert,
    sessionService,
    registration: config.registration,
    mails: mails?.account ?? null,
    defaultRole: config.defaultRole,
    isRole: (name) => roles.has(name),
  })
  const { provePassword } = accounts
  const { identities } = stores
  const mailed =
    mails && wireMailed(mails, { ...shared, passwords, throttle, revokeApiKeys, hasApiKeys, provePassword, identities })
  const social = wireSocial(config, {
    ...shared,
    stores,
    throttle,
    sessionService,
    mails: mails?.account ?? null,
    alert,
    endCredentials: revokeKeysAndTickets,
  })
  const rights = createUserRights({ ...ofUsers, roles })
  const cookies = cookieNames(config.issuer)
  const { origins, trustedProxies } = config
  const oauth = wireOAuth(config, { stores, feed, secrets, tokens, sessions: sessionService, refresh, audit })
  const authenticator = createAuthenticator({
    resourceMetadata: documents.resourceMetadata,
    tokens,
    sessions: sessionService,
    apiKeys,
    roles,
    clock,
    audit,
    logger,
    cookies,
    origins,
    trustedProxies,
  })
  const routes = createRoutes({
    authenticator,
    accounts,
    rights,
    roles,
    sessions: sessionService,
    apiKeys,
    audit: stores.audit ? createAudit(stores.audit) : null,
    mailed,
    social: social.routes,
    oauth: oauth?.routes ?? null,
    refresh,
    deviceMarks,
    newDevices,
    tokens,
    issueAccess,
    cookies,
    origins,
    clock,
  })
  const handler = createHandler({ basePath: config.basePath, routes, keyRing, authenticator, logger, ...documents })
  const services = createServices({
    accounts,
    rights,
    roles,
    sessions: sessionService,
    apiKeys,
    clients: oauth?.clients ?? null,
    tokens,
    feed,
    passwords,
    identities: social.identities,
    mails: mails?.account ?? null,
    setEmail: createSetEmail({ ...shared, mails: mails?.account ?? null, withdrawTickets }),
    keyRing,
    stores,
    clock,
    recorder: audit,
    onCheckError: (error) => logger.error({ err: error }, "a requirement's check failed"),
  })
  return { keyRing, secrets, feed, handler, authenticator, services, apiKeys, stores, mails }
}

function guardStores({ stores, clock }: ResolvedConfig): AuthStores {
  const guarded = Object.entries(stores).map(
    ([name, store]) => [name, withDeadline(store, name, clock, storeDeadlineMs)] as const,
  )
  return Object.fromEntries(guarded) as unknown as AuthStores // The same stores under the same names.
}

function keySource(
  { keys, signer }: ResolvedConfig,
  { signingKeys }: AuthStores,
): Parameters<typeof createKeyRing>[0]['source'] {
  if (signer) return { signer }
  if (keys !== undefined) return { keys }
  return { store: signingKeys as NonNullable<typeof signingKeys> } // The configuration is refused where all three are missing.
}

/** Tells the application. Whatever it does with it, the caller's answer stays the same. */
function notify({ onSecurityAlert, logger }: ResolvedConfig, alert: SecurityAlert): void {
  if (!onSecurityAlert) return
  Promise.resolve(alert)
    .then(onSecurityAlert)
    .catch((error: unknown) => logger.error({ err: error }, 'onSecurityAlert failed'))
}

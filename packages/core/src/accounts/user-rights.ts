import { type AuditContext, type ChangeEvent, callerOf, recordRefusals } from '../audit/index.js'
import { AuthError, ConfigError, StoreError } from '../errors.js'
import {
  checkGrant,
  checkManages,
  type Granter,
  isOwnSession,
  isPrincipal,
  missingScopes,
  narrowScopes,
  type Principal,
  type ResolvedRoles,
  type Roles,
} from '../rbac/index.js'
import { closeSessionRows, revokeUserAccess, type UserAccessDeps } from '../sessions/index.js'
import type { RaisedVersions, UserQuery, UserRecord, UserRevocation } from './user-store.js'

/** What changing rights needs. */
export interface UserRightsDeps extends UserAccessDeps {
  readonly roles: Roles
  /** Ends all API keys of a user, and what was mailed to them. Repeatable. @throws StoreError */
  readonly revokeApiKeys: (userId: string) => Promise<void>
  /** Sets of roles: of each that anybody holds, one enabled user always remains. */
  readonly administratorRoles: readonly (readonly string[])[]
}

/** On whose behalf something is done. */
export interface ActingFor extends Pick<AuditContext, 'ip' | 'route'> {
  /**
   * Who asks for it: they need `users:manage`, act on nobody who has more than they, and grant nothing beyond their own
   * rights. Without it, nobody is asked: the application itself acts.
   */
  readonly by?: Principal | undefined
}

/** A user's roles. */
export interface UserRoles<RoleName extends string = string> extends ResolvedRoles<RoleName> {
  /** The roles that were assigned, as they are stored; those that are no longer declared give nothing. */
  readonly assigned: readonly string[]
}

/** Who has which roles, and who is disabled. */
export interface UserRights {
  /** Lists users in an order that stays. */
  list(query: UserQuery): Promise<readonly UserRecord[]>
  /** What a user has been assigned and what that comes to. @throws AuthError `not_found` */
  rolesOf(userId: string): Promise<UserRoles>
  /** Replaces a user's roles; answers whether that changed any. @throws AuthError `not_found`, `last_administrator`, `insufficient_scope`, `credential_not_allowed`; ConfigError for an undeclared role */
  setRoles(userId: string, roles: readonly string[], acting?: ActingFor): Promise<boolean>
  /** Adds a role; answers whether the user lacked it. Throws as `setRoles` does. */
  assign(userId: string, role: string, acting?: ActingFor): Promise<boolean>
  /** Takes a role back; answers whether the user had it. Throws as `setRoles` does, but takes back undeclared roles too. */
  remove(userId: string, role: string, acting?: ActingFor): Promise<boolean>
  /** Disables an account; its sessions, tokens and API keys end. @throws AuthError `not_found`, `last_administrator`, `insufficient_scope` */
  disable(userId: string, acting?: ActingFor): Promise<void>
  /** Enables a disabled account. @throws AuthError `not_found` */
  enable(userId: string): Promise<void>
}

const manage = 'users:manage'
const mostTries = 10

/** Makes the service. */
export function createUserRights(deps: UserRightsDeps): UserRights {
  const { users, audit, roles, clock, feed, administratorRoles: keepsHolderOf } = deps
  const refused = recordRefusals(audit)

  /** The rights of whoever acts, as they are now: what the credential was issued with may have been taken since. */
  async function granterOf(by: Principal | undefined): Promise<Granter | null> {
    if (by === undefined) return null
    if (!isPrincipal(by)) throw lacking([manage])
    const granter = by.userId === undefined ? clientRights(by) : await presentRights(by)
    const missing = missingScopes(granter.scopes, [manage])
    if (missing.length > 0) throw lacking(missing)
    return granter
  }

  async function presentRights(by: Principal): Promise<Granter> {
    const { userId = '', roles: named, scopes } = by
    const user = await users.find(userId)
    const now = roles.resolve(user && !user.disabledAt ? user.roles : [])
    return {
      id: userId,
      isInPerson: isOwnSession(by),
      roles: now.roles.filter((role) => named.includes(role)),
      scopes: narrowScopes(now.scopes, scopes),
    }
  }

  async function existing(userId: string): Promise<UserRecord> {
    const user = await users.find(userId)
    if (!user) throw new AuthError('not_found')
    return user
  }

  /**
   * Changes a user as `judge` says of what they are now, which is what is overwritten: where somebody else was faster,
   * all over again. `null` where nothing is to be changed: then only what whoever changed it may have died before is done.
   */
  async function changing(
    userId: string,
    by: Principal | undefined,
    judge: (user: UserRecord, granter: Granter | null) => Pick<UserRevocation, 'ends' | 'set'> | null,
    event: ChangeEvent | undefined,
  ): Promise<RaisedVersions | null> {
    for (let tries = 0; tries < mostTries; tries++) {
      const granter = await granterOf(by)
      const user = await existing(userId)
      const change = judge(user, granter)
      if (!change) {
        // Tokens below the user's version are over in any case: to tell it again takes nothing more back.
        await feed.announce({ user: userId, minVersion: user.accessVersion })
        return null
      }
      const expected = { accessVersion: user.accessVersion }
      const raised = await revokeUserAccess(deps, { userId, ...change, expected, keepsHolderOf, event })
      if (raised) return raised
      if ((await existing(userId)).accessVersion === user.accessVersion) throw new AuthError('last_administrator')
    }
    throw new StoreError('A user kept changing while their rights were to be changed')
  }

  async function recorded<T>(
    type: 'roles.changed' | 'account.disabled' | 'account.enabled',
    userId: string,
    { by, ...origin }: ActingFor,
    make: (event: ChangeEvent | undefined) => Promise<T>,
  ): Promise<T> {
    const about = { ...callerOf({ ...origin, actor: by?.subject, sessionId: by?.sessionId }), subject: userId }
    const entry = { type, outcome: 'success', ...about } as const
    return refused(type, about, () => audit.recordChange({ entry, make, isMade: (changed) => changed !== false }))
  }

  function setting(
    userId: string,
    next: (held: readonly string[]) => readonly string[],
    acting: ActingFor = {},
  ): Promise<boolean> {
    return recorded('roles.changed', userId, acting, async (event) => {
      // Whoever holds a key or a client's token was not asked by a person just now.
      if (acting.by && !isOwnSession(acting.by)) throw new AuthError('credential_not_allowed')
      const judge = (user: UserRecord, granter: Granter | null) => {
        const wanted = [...new Set(next(user.roles))]
        if (granter) checkGrant(roles, granter, user, wanted)
        return isSame(user.roles, wanted) ? null : ({ ends: 'tokens', set: { roles: wanted } } as const)
      }
      return (await changing(userId, acting.by, judge, event)) !== null
    })
  }

  function checkDeclared(names: readonly string[]): void {
    const isUnknown = names.some((name) => !roles.has(name))
    if (isUnknown) throw new ConfigError([{ path: 'roles', message: 'names a role that is not declared' }])
  }

  return {
    list: (query) => users.list(query),
    async rolesOf(userId) {
      const { roles: assigned } = await existing(userId)
      return { assigned, ...roles.resolve(assigned) }
    },
    async setRoles(userId, names, acting) {
      checkDeclared(names)
      return setting(userId, () => names, acting)
    },
    async assign(userId, role, acting) {
      checkDeclared([role])
      return setting(userId, (held) => [...held, role], acting)
    },
    remove: (userId, role, acting) => setting(userId, (held) => held.filter((name) => name !== role), acting),
    disable: (userId, acting = {}) =>
      recorded('account.disabled', userId, acting, async (event) => {
        const judge = (user: UserRecord, granter: Granter | null) => {
          if (granter) checkManages(roles, granter, user)
          return { ends: 'sessions', set: { disabledAt: user.disabledAt ?? clock.now() } } as const
        }
        const raised = await changing(userId, acting.by, judge, event)
        await closeSessionRows(deps, userId, raised?.sessionEpoch ?? null, 'revoked')
        // Keys of a disabled account are refused as it is; this keeps them from coming back with it.
        await deps.revokeApiKeys(userId)
      }),
    enable: (userId) =>
      recorded('account.enabled', userId, {}, async (event) => {
        if (!(await revokeUserAccess(deps, { userId, ends: 'tokens', set: { disabledAt: null }, event })))
          throw new AuthError('not_found')
      }),
  }
}

/** A client that acts for nobody has what its token says. */
function clientRights({ subject: id, scopes }: Principal): Granter {
  return { id, isInPerson: false, roles: [], scopes }
}

function lacking(missing: readonly string[]): AuthError {
  return new AuthError('insufficient_scope', { requiredScopes: [manage], missingScopes: missing })
}

function isSame(held: readonly string[], wanted: readonly string[]): boolean {
  return held.every((role) => wanted.includes(role)) && wanted.every((role) => held.includes(role))
}

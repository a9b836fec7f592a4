import { type IdentityRecord, type IdentityStore, parseEmailAddress, type UserRecord } from '../accounts/index.js'
import { type AuditContext, type AuditRecorder, callerOf, recordRefusals } from '../audit/index.js'
import { AuthError } from '../errors.js'
import type { Clock } from '../shared/clock.js'
import { randomUuid } from '../shared/random.js'
import type { LinkingUser } from './attempts.js'
import type { VouchedFor } from './social-accounts.js'
import type { SocialSettings } from './social-settings.js'

/** A linked provider as its owner sees it. */
export interface LinkedIdentity {
  readonly id: string
  /** The provider's id. */
  readonly provider: string
  /** The provider's name for people. */
  readonly name: string
  /** The address it had there when it was linked. */
  readonly email: string | null
  readonly createdAt: Date
}

/** What people link to their accounts. */
export interface IdentityService {
  /** Lists what is linked to a user, oldest first. */
  list(userId: string): Promise<readonly LinkedIdentity[]>
  /** Links what a provider has vouched for to who began it. @throws AuthError `identity_taken`, `signin_state_invalid` */
  link(linking: LinkingUser, vouched: VouchedFor): Promise<void>
  /** Takes one away. @throws AuthError `not_found`, `last_credential` */
  unlink(user: UserRecord, id: string, context: AuditContext): Promise<void>
}

/** What it needs. */
export interface IdentityServiceDeps {
  readonly identities: IdentityStore
  readonly audit: AuditRecorder
  readonly clock: Clock
  readonly settings: SocialSettings
  /** Hears of an identity that was linked to an account that was there before. Must not throw. */
  readonly onLinked: (userId: string, provider: string, context: AuditContext) => void
}

/** Makes the service. */
export function createIdentityService({
  identities,
  audit,
  clock,
  settings,
  onLinked,
}: IdentityServiceDeps): IdentityService {
  const refused = recordRefusals(audit)

  function view({ id, provider, email, createdAt }: IdentityRecord): LinkedIdentity {
    return { id, provider, name: settings.providers.get(provider)?.name ?? provider, email, createdAt }
  }

  return {
    list: async (userId) => (await identities.list(userId)).map(view),
    async link({ userId, sessionEpoch, sessionId }, { provider, account, sealTokens, context }) {
      const { subject, email } = account
      const sealedTokens = await sealTokens(userId)
      const identity = {
        id: randomUuid(),
        userId,
        provider: provider.id,
        subject,
        email: email === null ? null : (parseEmailAddress(email)?.display ?? null),
        sealedTokens,
        createdAt: clock.now(),
      }
      const about = { ...callerOf(context), actor: userId, subject: userId, sessionId }
      const outcome = await audit.recordChange({
        entry: { type: 'identity.linked', outcome: 'success', ...about },
        make: (event) => identities.insert({ identity, sessionEpoch, event }),
        isMade: (inserted) => inserted === 'inserted',
      })
      if (outcome === 'stale') throw new AuthError('signin_state_invalid')
      if (outcome === 'taken' && (await identities.find(provider.id, subject))?.userId !== userId)
        throw new AuthError('identity_taken')
      // Linked to this very user before: that is what was asked for.
      if (outcome === 'taken') return
      onLinked(userId, provider.id, context)
    },
    unlink(user, id, context) {
      const about = { ...callerOf(context), actor: user.id, subject: user.id }
      return refused('identity.unlinked', about, async () => {
        const usableProviders = [...settings.providers.keys()]
        const outcome = await audit.recordChange({
          entry: { type: 'identity.unlinked', outcome: 'success', ...about },
          make: (event) => identities.delete({ id, userId: user.id, usableProviders, event }),
          isMade: (deleted) => deleted === 'deleted',
        })
        if (outcome === 'absent') throw new AuthError('not_found')
        if (outcome === 'last') throw new AuthError('last_credential')
      })
    },
  }
}

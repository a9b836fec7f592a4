import type { UserRecord } from '../accounts/index.js'
import { type AuditContext, type AuditRecorder, type AuditSubject, callerOf, recordRefusals } from '../audit/index.js'
import { AuthError, type AuthErrorCode } from '../errors.js'
import type { Clock } from '../shared/clock.js'
import { type Throttle, testSecret } from '../throttle/index.js'
import type { Attempt, AttemptCookie, AttemptPurpose, Attempts, LinkingUser } from './attempts.js'
import type { IdentityService } from './identity-service.js'
import type { OAuthProvider } from './provider.js'
import type { ProviderAccount } from './provider-account.js'
import { type ProviderClient, ProviderRefusal, type ProviderTokens } from './provider-client.js'
import { ProviderFault } from './provider-http.js'
import { rejected, type SocialUser, type VouchedFor } from './social-accounts.js'
import type { SocialSettings } from './social-settings.js'

/** What a browser brought back from a provider. */
export interface SocialReturn {
  /** The provider of the path. */
  readonly provider: string
  readonly parameters: URLSearchParams
  /** The cookies of all attempts that the browser has under way. */
  readonly cookies: readonly AttemptCookie[]
  /** Finds the user whose session cookie came along; `null` where none did. */
  readonly signedIn: () => Promise<string | null>
  readonly context: AuditContext
}

/** What came of it. */
export interface SocialOutcome {
  readonly attempt: Attempt
  /** Who has signed in; `null` where a provider was linked. */
  readonly signedIn: SocialUser | null
  /** When they proved who they are: by the provider, where it says so. Never later than now. */
  readonly authenticatedAt: Date
}

/** The beginning of an attempt. */
export interface SocialStart {
  /** Where the browser goes. */
  readonly url: string
  /** What it keeps until it is back. */
  readonly cookie: AttemptCookie
}

/** Signing in with providers. */
export interface SocialSignIn {
  /** Whether there is such a provider. */
  offers(provider: string): boolean
  /** Begins an attempt. @throws AuthError `not_found`, `provider_unavailable` */
  start(purpose: AttemptPurpose): Promise<SocialStart>
  /**
   * Ends one: the attempt is used up, whatever comes of it, before anything is sent to the provider. What this deployment did
   * not begin costs no store call and leaves no event.
   * @throws AuthError `not_found`, `signin_state_invalid`, `signin_rejected`, `provider_unavailable`, `registration_closed`,
   * `account_disabled`, `email_unverified`, `identity_taken`
   */
  finish(back: SocialReturn): Promise<SocialOutcome>
  /** Ids of the attempts that an answer may be about: their cookies have done their work. */
  endedBy(back: SocialReturn): Promise<readonly string[]>
}

/** What it needs. */
export interface SocialSignInDeps {
  readonly attempts: Attempts
  readonly clients: ReadonlyMap<string, ProviderClient>
  readonly settings: SocialSettings
  readonly identities: IdentityService
  readonly findAccount: (vouched: VouchedFor) => Promise<SocialUser>
  /** Seals a user's tokens, where they are kept. */
  readonly sealTokens: (userId: string, provider: string, tokens: ProviderTokens) => Promise<string | null>
  /** The user of a session that goes on; `null` where it has ended. @throws StoreError */
  readonly findLinking: (linking: LinkingUser) => Promise<UserRecord | null>
  readonly audit: AuditRecorder
  readonly clock: Clock
  /** Limits what one address may send back that leads to nothing: each costs the provider a request. */
  readonly throttle: Throttle
  /** Hears why a provider was not believed or did not answer. Must not throw. */
  readonly onFault: (error: Error, provider: string) => void
}

/** Makes it. */
export function createSocialSignIn(deps: SocialSignInDeps): SocialSignIn {
  const { attempts, clients, settings, identities, audit } = deps
  const refused = recordRefusals(audit)

  function providerOf(id: string): { readonly provider: OAuthProvider; readonly client: ProviderClient } {
    const provider = settings.providers.get(id)
    const client = clients.get(id)
    if (!provider || !client) throw new AuthError('not_found')
    return { provider, client }
  }

  /** Turns what went wrong at a provider into what its person is told. */
  async function asking<T>(provider: OAuthProvider, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      const isFault = error instanceof ProviderFault || (error instanceof ProviderRefusal && !error.isAnswer)
      if (isFault) deps.onFault(error, provider.id)
      if (error instanceof ProviderFault)
        throw new AuthError('provider_unavailable', { detail: `${provider.name} does not answer as it should.` })
      if (error instanceof ProviderRefusal) throw rejected(`${provider.name}: ${error.message}.`)
      throw error
    }
  }

  /** Attempts of the provider that the browser has under way. */
  async function underWay(back: SocialReturn): Promise<readonly (Attempt & { readonly id: string })[]> {
    const opened = await Promise.all(
      back.cookies.map(async (cookie) => {
        const attempt = await attempts.open(cookie)
        return attempt?.provider === back.provider ? [{ ...attempt, id: cookie.id }] : []
      }),
    )
    return opened.flat()
  }

  /** The ids of what an answer ends: the attempt of its state, or without one all of this browser's at the provider. */
  async function idsOf(back: SocialReturn): Promise<readonly string[]> {
    const state = stateOf(back)
    const id = state === null ? null : await attempts.identify(state)
    return id === null ? (await underWay(back)).map((attempt) => attempt.id) : [id]
  }

  /** Uses up what the answer is about, and gives its attempt where all is as it was begun. */
  async function take(back: SocialReturn): Promise<Attempt | null> {
    const ids = await idsOf(back)
    const used: boolean[] = []
    for (const id of ids) used.push(await attempts.use(id))
    const state = stateOf(back)
    const cookie = back.cookies.find(({ id }) => id === ids[0])
    const attempt = cookie && state !== null && used[0] ? await attempts.open(cookie) : null
    const isAsBegun = attempt?.provider === back.provider && attempt.state === state
    return isAsBegun ? attempt : null
  }

  async function linkingOf({ link }: Attempt, back: SocialReturn): Promise<LinkingUser | null> {
    if (!link) return null
    // Whoever else has signed in in this browser meanwhile did not ask for it.
    const signedIn = await back.signedIn()
    if (signedIn !== null && signedIn !== link.userId) throw new AuthError('signin_state_invalid')
    if (!(await deps.findLinking(link))) throw new AuthError('signin_state_invalid')
    return link
  }

  /** Who was let through by a provider without being asked has proved nothing now. */
  function provedAt({ authenticatedAt }: ProviderAccount, signedIn: SocialUser | null): Date {
    const now = deps.clock.now()
    if (authenticatedAt) return authenticatedAt < now ? authenticatedAt : now
    // All that there is in an account that was made just now is its maker's.
    return settings.withoutAuthTime === 'recent' || signedIn?.isNew ? now : new Date(0)
  }

  async function complete(attempt: Attempt, back: SocialReturn, about: AuditSubject): Promise<SocialOutcome> {
    const { provider, client } = providerOf(attempt.provider)
    const linking = await linkingOf(attempt, back)
    const { account, tokens } = await asking(provider, () => client.finish(back.parameters, attempt))
    const sealTokens = (userId: string): Promise<string | null> => deps.sealTokens(userId, provider.id, tokens)
    const vouched = { provider, account, sealTokens, context: about }
    const signedIn = linking ? null : await deps.findAccount(vouched)
    if (linking) await identities.link(linking, vouched)
    return { attempt, signedIn, authenticatedAt: provedAt(account, signedIn) }
  }

  const stateInvalid: AuthErrorCode = 'signin_state_invalid'

  return {
    offers: (provider) => clients.has(provider),
    async start(purpose) {
      const { provider, client } = providerOf(purpose.provider)
      const { attempt, cookie } = await attempts.start(purpose)
      return { url: await asking(provider, () => client.authorizationUrl(attempt)), cookie }
    },
    endedBy: idsOf,
    async finish(back) {
      providerOf(back.provider)
      // What this deployment did not begin costs no store call, counts nothing and leaves no event.
      if ((await idsOf(back)).length === 0) throw new AuthError(stateInvalid)
      const source = { kind: 'sign-in', ip: back.context.ip } as const
      await refused('login', callerOf(back.context), () => deps.throttle.check(source))
      const attempt = await take(back)
      const link = attempt?.link
      const about: AuditSubject = link
        ? { ...callerOf(back.context), actor: link.userId, subject: link.userId, sessionId: link.sessionId }
        : callerOf(back.context)
      return refused(link ? 'identity.linked' : 'login', about, () =>
        testSecret(deps.throttle, source, [stateInvalid, 'signin_rejected'], async () => {
          if (!attempt) throw new AuthError(stateInvalid)
          return complete(attempt, back, about)
        }),
      )
    },
  }
}

/** The state of an answer; `null` where it has none or several. */
function stateOf({ parameters }: SocialReturn): string | null {
  const [state = null, ...others] = parameters.getAll('state')
  return others.length === 0 ? state : null
}

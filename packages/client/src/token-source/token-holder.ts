import { AuthClientError } from '../auth-client-error.js'
import { startTimer, type TokenClock } from './clock.js'
import type { HeldToken } from './request-token.js'

/** One token, kept fresh. */
export interface TokenHolder {
  /** A token that is good for a while; asks for one where there is none. @throws AuthClientError */
  get(): Promise<string>
  /**
   * Another token in place of one that was refused: what took its place meanwhile, or a new one. The same again where
   * another was asked for on such grounds just before: then it is not the token. @throws AuthClientError
   */
  replace(refused: string): Promise<string>
}

/** What a holder needs. */
export interface TokenHolderDeps {
  readonly ask: () => Promise<HeldToken>
  readonly clock: TokenClock
}

/** How much of a life is left when nobody gets the token any more: 5 s, or a tenth where that is less. */
const mostSpareMs = 5000
/** How much of a life has passed when it is renewed behind the callers: this part, and a random one of the next tenth. */
const renewAt = 0.75
/** Between tries while the server gives none: doubled each time. */
const firstPauseMs = 1000
const longestPauseMs = 60_000
/** Between tokens that are asked for because one was refused. */
const replaceEveryMs = 30_000

interface Held extends HeldToken {
  readonly renewAtMs: number
}

/** Makes a holder. Nothing runs in it unless somebody asks. */
export function createTokenHolder({ ask, clock }: TokenHolderDeps): TokenHolder {
  let held: Held | undefined
  let running: Promise<string> | undefined
  let failures = 0
  let pause: { readonly since: () => number; readonly ms: number; readonly error: unknown } | undefined
  let sinceReplaced: (() => number) | undefined

  function usable(): Held | undefined {
    return held && isGood(held) ? held : undefined
  }

  /** The outcome of the request under way, or of a new one; of the last one, where it failed just now. */
  function renew(): Promise<string> {
    if (!running && pause && pause.since() < pause.ms) return Promise.reject(pause.error)
    running ??= run().finally(() => {
      running = undefined
    })
    return running
  }

  async function run(): Promise<string> {
    try {
      const token = await ask()
      // Counted from before it was asked for: one that was too long on its way is no good.
      if (!isGood(token)) throw new AuthClientError('unexpected_answer')
      held = { ...token, renewAtMs: token.lifeMs * (renewAt + Math.random() / 10) }
      failures = 0
      pause = undefined
      return token.value
    } catch (error) {
      pause = { since: startTimer(clock), ms: pauseMs(failures++, error), error }
      throw error
    }
  }

  return {
    async get() {
      const known = usable()
      if (!known) return renew()
      // Who asks has a good one; that there will be no other is for those to hear who come when this is over.
      if (known.ageMs() >= known.renewAtMs) renew().catch(() => undefined)
      return known.value
    },
    async replace(refused) {
      const known = usable()
      if (known && known.value !== refused) return known.value
      if (!running && sinceReplaced && sinceReplaced() < replaceEveryMs) return refused
      sinceReplaced = startTimer(clock)
      return renew()
    },
  }
}

function isGood({ ageMs, lifeMs }: HeldToken): boolean {
  const age = ageMs()
  return age >= 0 && age < lifeMs - Math.min(mostSpareMs, lifeMs / 10)
}

/** How long nothing is asked after a failure: as long as the server says, else longer each time, and not the same for all. */
function pauseMs(failures: number, error: unknown): number {
  const told = error instanceof AuthClientError ? (error.retryAfter ?? 0) : 0
  const own = Math.min(longestPauseMs, firstPauseMs * 2 ** failures) * (0.75 + Math.random() / 4)
  return Math.max(own, Math.min(longestPauseMs, told * 1000))
}

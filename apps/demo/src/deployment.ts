import { hkdfSync } from 'node:crypto'
import type { Settings } from './settings.js'
import { StartError } from './start-error.js'
import type { Storage } from './storage/index.js'

/** What a process is within its deployment. */
export interface Membership {
  /** The same in all processes: a token of one is a token of all. */
  readonly issuer: string
  /** The origins whose pages may act with the cookie in this process. */
  readonly origins: readonly string[]
}

/** What is known of the process. */
export interface Process {
  readonly secret: string
  readonly port: number
}

/**
 * Makes this process one of its deployment: whoever shares its database shares its issuer, and must have its secret.
 * @throws StartError where the secret is another one
 */
export async function joinDeployment(
  { shared, isRemote, label }: Storage,
  settings: Pick<Settings, 'ISSUER' | 'AUTH_SECRET'>,
  { secret, port }: Process,
): Promise<Membership> {
  await checkSecret()
  const own = `http://localhost:${port}`
  const issuer = await agreeOnIssuer()
  return { issuer, origins: originsOf(issuer, own, settings.ISSUER) }

  async function checkSecret(): Promise<void> {
    const mark = markOf(secret)
    if ((await shared.claim('secret', mark)) === mark) return
    // A secret that was made for one data folder is no word of anybody's: it is another folder's by mistake.
    if (isRemote && settings.AUTH_SECRET === undefined) {
      throw new StartError(
        `the processes on ${label} have another secret than this one made for itself in DATA_DIR: give all of them the same\n` +
          'AUTH_SECRET, or the same DATA_DIR. Where theirs is lost, set a new AUTH_SECRET in all; every session ends.',
      )
    }
    await shared.replace('secret', mark)
    console.error('the secret of this deployment is another one now: every session made under the former one is over')
  }

  async function agreeOnIssuer(): Promise<string> {
    const given = settings.ISSUER
    const kept = await shared.claim('issuer', given ?? own)
    if (given === undefined || given === kept) return kept
    await shared.replace('issuer', given)
    console.error(`the issuer of this deployment is ${given} now: tokens of ${kept} are refused from here on`)
    return given
  }
}

/**
 * A page that this process served is its own, whatever port the issuer names. A public issuer allows none but its own:
 * on a person's machine, localhost may be anybody's.
 */
function originsOf(issuer: string, own: string, given: string | undefined): readonly string[] {
  const { protocol, origin } = new URL(issuer)
  if (protocol !== 'http:') return [origin]
  return given === undefined ? [own] : [...new Set([origin, own])]
}

/** Tells secrets apart, and nothing about them (RFC 5869). */
function markOf(secret: string): string {
  return Buffer.from(hkdfSync('sha256', secret, '', 'auth-demo secret mark', 12)).toString('base64url')
}

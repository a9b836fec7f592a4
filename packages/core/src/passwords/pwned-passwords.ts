import { ConfigError } from '../errors.js'
import { decodeUtf8 } from '../shared/bytes.js'
import { isLoopback } from '../shared/loopback.js'
import { readAtMost } from '../shared/read-at-most.js'
import { type BreachedPasswordChecker, maxRangeBytes } from './breach-check.js'

/** Where the list is, and how it is asked. */
export interface PwnedPasswordsOptions {
  /** Of a mirror of the list. Default: `https://api.pwnedpasswords.com`. */
  readonly baseUrl?: string
  /** Default: the platform's. */
  readonly fetch?: typeof fetch
}

/**
 * Asks Pwned Passwords, or a mirror of it. Answers are padded, so that their length does not tell which range was asked
 * for; redirects are not followed, and one of more than a mebibyte is not read.
 * @throws ConfigError
 * @example
 * const auth = createAuth({ …, passwords: { breached: pwnedPasswords() } })
 */
export function pwnedPasswords({
  baseUrl = 'https://api.pwnedpasswords.com',
  fetch: ask = fetch,
}: PwnedPasswordsOptions = {}): BreachedPasswordChecker {
  const base = URL.canParse(baseUrl) ? new URL(baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`) : null
  const isSafe = base?.protocol === 'https:' || (base?.protocol === 'http:' && isLoopback(base.hostname))
  if (!base || !isSafe) throw new ConfigError([{ path: 'baseUrl', message: 'must be https (http on localhost alone)' }])
  return {
    async range(prefix, signal) {
      const headers = { 'add-padding': 'true', 'user-agent': 'auth-sdk' }
      const response = await ask(new URL(`range/${prefix}`, base), {
        headers,
        redirect: 'manual',
        credentials: 'omit',
        signal,
      })
      if (response.status !== 200) throw new Error(`the list of breached passwords answered ${response.status}`)
      const range = decodeUtf8(await readAtMost(response.body, maxRangeBytes))
      if (range === null) throw new Error('the list of breached passwords answered no text')
      return range
    },
  }
}

import { utf8 } from '../shared/bytes.js'
import type { Clock } from '../shared/clock.js'

/**
 * Asks a list of breached passwords, such as Pwned Passwords, by k-anonymity: only the first five characters of a
 * password's SHA-1 ever leave the process.
 */
export interface BreachedPasswordChecker {
  /**
   * Gets the rest of every known hash that begins with `prefix`: lines of 35 hexadecimal characters, a colon and a count.
   * Counts of 0 are padding. May reject or take long: the password is then accepted and the failure reported.
   * @param prefix Five characters of `0-9A-F`.
   * @param signal Aborted when the answer is no longer waited for.
   */
  range(prefix: string, signal: AbortSignal): Promise<string>
}

/** What the check of one password needs. */
export interface BreachCheckDeps {
  readonly checker: BreachedPasswordChecker
  readonly clock: Clock
  /** Told why a check could not be made. It never gets the password or its hash. */
  readonly onUnavailable?: ((cause: unknown) => void) | undefined
}

const prefixLength = 5
const timeoutMs = 2000
/** A range has some 40 KB; whatever is far larger is not one. */
export const maxRangeBytes = 1_048_576
const linePattern = /^([0-9A-F]{35}):(\d{1,15})$/i

/**
 * Makes the check. Where the list does not answer in two seconds, or not in its format, the password counts as not
 * breached: an outage of a third party must not stop registrations and resets.
 */
export function createBreachCheck({
  checker,
  clock,
  onUnavailable,
}: BreachCheckDeps): (password: string) => Promise<boolean> {
  async function ask(prefix: string): Promise<string> {
    const request = new AbortController()
    const timer = new AbortController()
    try {
      const answer = checker.range(prefix, request.signal)
      const timeout = clock.wait(timeoutMs, timer.signal).then(() => {
        throw new Error(`No answer within ${timeoutMs} ms`)
      })
      return await Promise.race([answer, timeout])
    } finally {
      timer.abort()
      request.abort()
    }
  }

  return async (password) => {
    const hash = await sha1Hex(password)
    try {
      return rangeHas(await ask(hash.slice(0, prefixLength)), hash.slice(prefixLength))
    } catch (cause) {
      report(onUnavailable, cause)
      return false
    }
  }
}

function report(onUnavailable: BreachCheckDeps['onUnavailable'], cause: unknown): void {
  try {
    onUnavailable?.(cause)
  } catch {
    // The one who is told of a failure cannot turn it into another one.
  }
}

/** Whether a range lists a suffix. @throws Error where it is no range. */
function rangeHas(range: string, suffix: string): boolean {
  if (range.length > maxRangeBytes) throw new Error('The range is too large')
  let found = false
  for (const line of range.split(/\r?\n/)) {
    if (line === '') continue
    const [, listed, count] = linePattern.exec(line) ?? []
    if (listed === undefined) throw new Error('The range is not in the expected format')
    found ||= listed.toUpperCase() === suffix && Number(count) > 0
  }
  return found
}

/** SHA-1 in upper case, because that is what breach lists are keyed by; nothing is kept under it. */
async function sha1Hex(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-1', utf8(text)))
  return [...digest]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase()
}

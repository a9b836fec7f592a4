import { AuthError, type AuthErrorCode } from '../errors.js'
import type { AttemptSource, Throttle } from './throttle.js'

/**
 * Runs what tests a secret under the limit of whom it comes from. Only what is refused with one of `wrong` counts as a guess;
 * whatever else ends the test gives its slot back.
 * @throws AuthError `too_many_attempts`; StoreError where the ledgers do not answer; what `test` throws
 */
export async function testSecret<T>(
  throttle: Pick<Throttle, 'begin'>,
  source: AttemptSource,
  wrong: readonly AuthErrorCode[],
  test: () => Promise<T>,
): Promise<T> {
  const attempt = await throttle.begin(source)
  try {
    const answer = await test()
    await attempt.succeeded().catch(() => undefined) // What was done is done: the slot ends by itself.
    return answer
  } catch (error) {
    const isWrong = error instanceof AuthError && wrong.includes(error.code)
    await (isWrong ? attempt.failed() : attempt.giveBack()).catch(() => undefined)
    throw error
  }
}

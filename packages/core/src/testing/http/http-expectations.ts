import { expectEqual, expectThat } from '../stores/expectations.js'
import type { RawAnswer } from './raw-exchange.js'

/** Fails unless the answer has the status. */
export function expectStatus(answer: RawAnswer, status: number, promise: string): void {
  expectEqual(answer.status, status, `${promise} (answered: ${answer.text.slice(0, 120)})`)
}

/** Fails unless the answer is the problem with this status and code, whole, and kept from caches. */
export function expectProblem(answer: RawAnswer, problem: `${number} ${string}`, promise: string): void {
  const { status, code, title, type } = answer.json()
  expectEqual(`${answer.status} ${code ?? answer.text.slice(0, 80)}`, problem, promise)
  expectEqual(
    [status, type],
    [answer.status, `urn:auth:problem:${code}`],
    `${promise}: the problem names its status and type`,
  )
  expectThat(typeof title === 'string' && title !== '', `${promise}: the problem has a title`)
  expectEqual(answer.all('content-type'), ['application/problem+json'], `${promise}: it is a problem by its type`)
  expectEqual(answer.all('cache-control'), ['no-store'], `${promise}: it is not cached`)
  expectEqual(answer.all('location'), [], `${promise}: a refusal is no redirect`)
  expectThat(answer.isWhole, `${promise}: the answer is whole`)
}

/** Fails unless the answer carries exactly this challenge, but for where the resource's metadata is (RFC 9728). */
export function expectChallenge(answer: RawAnswer, challenge: RegExp, promise: string): void {
  const lines = answer.all('www-authenticate').map((line) => line.replace(/,? resource_metadata="[^"]+"$/, ''))
  expectThat(
    lines.length === 1 && challenge.test(lines[0] ?? ''),
    `${promise}: one challenge, ${challenge}; got ${JSON.stringify(lines)}`,
  )
}

/** Resolves once `holds` does; fails after the time is up. Asks again a few times a second. */
export async function eventually(holds: () => Promise<boolean>, timeoutMs: number, promise: string): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!(await holds())) {
    expectThat(performance.now() < end, `${promise} (within ${timeoutMs} ms)`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

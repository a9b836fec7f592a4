import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { virtualClock } from '../testing/virtual-clock.js'
import { type BreachedPasswordChecker, createBreachCheck } from './breach-check.js'

const password = 'correct horse battery staple'
const hash = createHash('sha1').update(password).digest('hex').toUpperCase()
const suffix = hash.slice(5)
const other = '0'.repeat(35)

function setUp(range: BreachedPasswordChecker['range']) {
  const clock = virtualClock()
  const causes: unknown[] = []
  return {
    clock,
    causes,
    check: createBreachCheck({ checker: { range }, clock, onUnavailable: (cause) => causes.push(cause) }),
  }
}

describe('createBreachCheck', () => {
  it('PW-07 lets no more than five characters of the hash out', async () => {
    const asked: unknown[][] = []
    const { check } = setUp(async (...given) => {
      asked.push(given)
      return ''
    })
    await check(password)
    expect(asked).toEqual([[hash.slice(0, 5), expect.any(AbortSignal)]])
  })

  it.each([
    [`${other}:1\r\n${suffix}:42`, true],
    [`${suffix.toLowerCase()}:1\n`, true],
    [`${other}:1\n${suffix}:0`, false],
    [`${other}:1`, false],
    ['', false],
  ])('PW-07 reads the range %j', async (range, expected) => {
    const { check, causes } = setUp(async () => range)
    expect(await check(password)).toBe(expected)
    expect(causes).toEqual([])
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('down'))],
    [
      'throws',
      () => {
        throw new Error('down')
      },
    ],
    ['answers with a page', async () => `<html>${suffix}:1</html>`],
    ['answers with a page after the hit', async () => `${suffix}:1\n<html>`],
    ['answers with nothing', async () => undefined as unknown as string],
    ['answers without end', async () => `${other}:1\n`.repeat(50_000)],
  ])('PW-07 accepts the password and reports it where the list %s', async (_, range) => {
    const { check, causes } = setUp(range)
    expect(await check(password)).toBe(false)
    expect(causes).toHaveLength(1)
    expect(String(causes[0])).not.toContain(suffix)
  })

  it('PW-07 waits two seconds, then aborts the request, accepts and reports', async () => {
    let signal: AbortSignal | undefined
    let asked = (): void => {}
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    const { clock, causes, check } = setUp((_, given) => {
      signal = given
      asked()
      return new Promise(() => {})
    })
    const answer = check(password)
    await isAsked
    await clock.advance(1999)
    expect(signal?.aborted).toBe(false)
    await clock.advance(1)
    expect(await answer).toBe(false)
    expect(signal?.aborted).toBe(true)
    expect(causes).toHaveLength(1)
  })

  it('PW-07 is not moved by whoever is told of a failure and throws', async () => {
    const check = createBreachCheck({
      checker: { range: () => Promise.reject(new Error('down')) },
      clock: virtualClock(),
      onUnavailable: () => {
        throw new Error('the audit is down too')
      },
    })
    expect(await check(password)).toBe(false)
  })
})

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { memoryStores } from '@auth/core'
import { argon2id } from '@auth/core/argon2'
import { beforeAll, describe, expect, it } from 'vitest'
import { mailApp } from './support/mail-app.js'
import { mannWhitney, median, medianError } from './support/mann-whitney.js'
import { password, quickHasher, type TestApp, testApp } from './support/test-app.js'

const samples = 500
const warmUp = 200
/** A difference that is none appears to be one in a round out of a hundred; one that is real appears in each. */
const rounds = 3
const leastP = 0.01
const mostMs = 3
const wrong = 'not the right passphrase'

/** What is asked for. */
type Try = {
  readonly path?: string
  readonly email: string
  readonly password?: string
  readonly deviceToken?: string
  readonly ip: string
}
type Class = readonly [name: string, next: () => Promise<Try>]

let count = 0
/** An address that nobody had before. */
const address = (): string => `10.${(++count >> 16) & 255}.${(count >> 8) & 255}.${count & 255}`

async function time(app: TestApp, next: Class[1]): Promise<number> {
  const { path = '/auth/login', ip, ...body } = await next()
  const from = performance.now()
  await app.call('POST', path, { ip, body })
  return performance.now() - from
}

/** As many samples of each class, in random order. */
async function measure(app: TestApp, classes: readonly Class[], each = samples): Promise<ReadonlyMap<string, number[]>> {
  const times = new Map(classes.map(([name]) => [name, [] as number[]]))
  const order = classes.flatMap((one) => Array.from({ length: each }, () => ({ one, key: Math.random() })))
  for (const { one } of order.sort((a, b) => a.key - b.key)) times.get(one[0])?.push(await time(app, one[1]))
  return times
}

interface Comparison {
  readonly name: string
  readonly differenceMs: number
  /** How exact the difference is, as a standard error: a busy machine says little about milliseconds. */
  readonly errorMs: number
  readonly p: number
}

function compare(times: ReadonlyMap<string, readonly number[]>): readonly Comparison[] {
  const [[, reference = []] = []] = [...times]
  return [...times].slice(1).map(([name, ms]) => ({
    name,
    differenceMs: median(ms) - median(reference),
    errorMs: Math.hypot(medianError(ms), medianError(reference)),
    p: mannWhitney(reference, ms),
  }))
}

/** What is smaller than a tenth of a millisecond, seen from within the process, no network lets through, however sure it is. */
const unseenMs = 0.1

const isAlike = ({ differenceMs, errorMs, p }: Comparison): boolean =>
  Math.abs(differenceMs) < Math.max(mostMs, 3 * errorMs) && (p > leastP || Math.abs(differenceMs) < unseenMs)

/** Compares the first class with all others, and again those that seemed to differ. */
async function expectAlike(app: TestApp, classes: readonly [Class, ...Class[]], each = samples): Promise<void> {
  const [reference, ...others] = classes
  let left = others
  for (let round = 1; round <= rounds && left.length > 0; round++) {
    const times = await measure(app, [reference, ...left], each)
    const compared = compare(times)
    console.log(`round ${round}, ${reference[0]}: median ${median(times.get(reference[0]) ?? []).toFixed(3)} ms`)
    for (const { name, differenceMs, errorMs, p } of compared)
      console.log(`  ${name}: ${differenceMs.toFixed(3)} ms ± ${errorMs.toFixed(3)}, p = ${p.toFixed(4)}`)
    left = left.filter(([name]) => !compared.some((one) => one.name === name && isAlike(one)))
  }
  expect(left.map(([name]) => name)).toEqual([])
}

const hasher = argon2id()
let hash = ''

/** Accounts with one hash, made without the cost of making it each time. */
function accounts(app: TestApp, change: object = {}): () => Promise<string> {
  return async () => {
    const email = `user${++count}@example.com`
    const made = { email, emailKey: email, name: null, emailVerifiedAt: null, roles: [], createdAt: app.clock.now() }
    const versions = { sessionEpoch: 1, accessVersion: 1, disabledAt: null }
    await app.stores.users.insert({ id: crypto.randomUUID(), ...made, ...versions, passwordHash: hash, ...change })
    return email
  }
}

function classOf(name: string, make: () => Promise<string>, tried = wrong): Class {
  return [name, async () => ({ email: await make(), password: tried, ip: address() })]
}

const unknown = async (): Promise<string> => `nobody${++count}@example.com`

describe('T1: how long an answer takes', { timeout: 600_000 }, () => {
  beforeAll(async () => {
    hash = await hasher.hash(password)
    // Where the machine can: one core, so that no other one's speed is measured.
    await promisify(execFile)('taskset', ['-acp', '0', `${process.pid}`]).catch(() => undefined)
  })

  it('LG-02 A-29 does not tell unknown, disabled and passwordless accounts from a wrong password', async () => {
    const app = testApp({ passwords: { hasher } })
    const disabled = accounts(app, { disabledAt: app.clock.now() })
    const classes = [
      classOf('wrong password', accounts(app)),
      classOf('unknown', unknown),
      classOf('disabled, right password', disabled, password),
      classOf('no password', accounts(app, { passwordHash: null })),
    ] as const
    await measure(app, classes, warmUp / classes.length)
    await expectAlike(app, classes)
  })

  it('BF-05 BF-04 does not tell accounts that are locked from unknown ones that are, nor right passwords from wrong', async () => {
    const stores = memoryStores()
    const app = testApp({ stores, passwords: { hasher } })
    const quick = testApp({ stores, clock: app.clock, passwords: { hasher: quickHasher } })
    const locked = async (make: () => Promise<string>): Promise<() => Promise<string>> => {
      const emails: string[] = []
      for (let i = 0; i < 50; i++) {
        const email = await make()
        for (let failures = 0; failures < 10; failures++)
          await quick.call('POST', '/auth/login', { ip: address(), body: { email, password: wrong } })
        emails.push(email)
      }
      return async () => {
        // Longer than a process remembers a refusal: each asks the store.
        await app.clock.advance(1001 / emails.length)
        return emails[++count % emails.length] ?? ''
      }
    }
    const known = await locked(accounts(app))
    const classes = [
      classOf('locked, wrong password', known),
      classOf('locked, right password', known, password),
      classOf('locked, unknown', await locked(unknown)),
    ] as const
    expect((await app.call('POST', '/auth/login', { body: { email: await known(), password } })).status).toBe(429)
    await measure(app, classes, warmUp)
    await expectAlike(app, classes)
  })

  it('BF-04 LG-02 does not tell who has an account to a blocked address that presents a mark of its own', async () => {
    const app = testApp({ passwords: { hasher: quickHasher } })
    const own = { email: 'stranger@example.com', password }
    await app.call('POST', '/auth/register', { body: own })
    const { deviceToken } = (await app.call('POST', '/auth/login', { body: own })).body
    const ip = address()
    const blocked = (name: string, make: () => Promise<string>): Class => [
      name,
      async () => {
        // Longer than a process remembers a refusal.
        await app.clock.advance(1001)
        for (let failures = 0; failures < 5; failures++)
          await app.call('POST', '/auth/login', { ip, body: { email: `other${++count}@example.com`, password: wrong } })
        return { email: await make(), password: wrong, deviceToken: String(deviceToken), ip }
      },
    ]
    // Both make an account just before, so that nothing differs but the address.
    const make = accounts(app)
    const classes = [
      blocked('blocked, unknown', async () => `not-${await make()}`),
      blocked('blocked, known', make),
    ] as const
    await measure(app, classes, 20)
    expect((await app.call('POST', '/auth/login', { ip, body: own })).status).toBe(429)
    await expectAlike(app, classes)
  })

  it('LG-04 A-29 does not tell by the answer to a forgotten password whether there is an account', async () => {
    const app = mailApp({ passwords: { hasher: quickHasher } })
    const forgot = (name: string, make: () => Promise<string>): Class => [
      name,
      async () => ({ path: '/auth/password/forgot', email: await make(), ip: address() }),
    ]
    // Both make an account just before, so that nothing differs but the address.
    const make = accounts(app)
    const classes = [forgot('forgot, unknown', async () => `not-${await make()}`), forgot('forgot, known', make)] as const
    await measure(app, classes, warmUp)
    await expectAlike(app, classes)
    await app.auth.mailsSent()
  })

  it('LG-03 A-29 does not tell by the answer to a sign-up whether the address was free', async () => {
    const app = mailApp({ registration: 'verified', passwords: { hasher } })
    const signUp = (name: string, make: () => Promise<string>): Class => [
      name,
      async () => ({ path: '/auth/register', email: await make(), password, ip: address() }),
    ]
    const make = accounts(app)
    const classes = [signUp('sign-up, free', async () => `not-${await make()}`), signUp('sign-up, taken', make)] as const
    await measure(app, classes, 20)
    await expectAlike(app, classes, 150)
    await app.auth.mailsSent()
  })

  it('notices a server that hashes nothing for unknown accounts, and a difference of three milliseconds', async () => {
    const verify: typeof hasher.verify = async (stored, text) => stored === hash && hasher.verify(stored, text)
    const app = testApp({ passwords: { hasher: { ...hasher, verify } } })
    const classes = [classOf('wrong password', accounts(app)), classOf('unknown', unknown)]
    await measure(app, classes, 10)
    const times = await measure(app, classes, 40)
    expect(compare(times).map(isAlike)).toEqual([false])
    const calm = Array.from({ length: samples }, (_, i) => 20 + i / 100)
    const shifted = (by: number) =>
      new Map([
        ['calm', calm],
        ['slower', calm.map((ms) => ms + by)],
      ] as const)
    expect([0.05, mostMs].map((by) => compare(shifted(by)).map(isAlike))).toEqual([[true], [false]])
  })
})

describe('the test of Mann and Whitney', () => {
  it('knows the tables', () => {
    const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)
    expect(mannWhitney(range(0, 20), range(0, 20))).toBeCloseTo(1, 2)
    // For 20 and 20 the two-sided 5 % point is U = 127: a shift that leaves it must be below, one more above.
    expect(mannWhitney(range(0, 20), range(100, 120))).toBeLessThan(1e-6)
    const shifted = (by: number): number[] => range(0, 20).map((value) => value + by + 0.5)
    expect(mannWhitney(range(0, 20), shifted(3))).toBeGreaterThan(0.05)
    expect(mannWhitney(range(0, 20), shifted(4))).toBeLessThan(0.05)
  })
})

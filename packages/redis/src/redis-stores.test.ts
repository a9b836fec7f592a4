import { ConfigError } from '@auth/core'
import { describe, expect, it } from 'vitest'
import { createDeadlines } from './deadlines.js'
import { decodeText, defineFields, encodeInteger, encodeText, encodeTime } from './fields.js'
import { createKeys } from './keys.js'
import type { RedisClient } from './redis-client.js'
import { redisStores } from './redis-stores.js'

/** Answers scripts as a server does whose clock stands still, and does nothing. */
function fakeClient(answer: (call: string) => unknown): { client: RedisClient; sent: string[][] } {
  const sent: string[][] = []
  const client = {
    async call(...command: string[]) {
      sent.push(command)
      return answer(command[3 + Number(command[2])] ?? '')
    },
    pipeline: () => ({ exec: async () => null }),
  }
  return { client, sent }
}

const quiet = { onWarning: () => undefined }

describe('redisStores', () => {
  it('refuses what is no client, and options that fit none', () => {
    for (const none of [{}, { sendCommand: () => undefined }, { call: 1 }, { sendCommand: 'text', masters: [] }])
      expect(() => redisStores(none as unknown as RedisClient)).toThrow(ConfigError)
    const { client } = fakeClient(() => null)
    for (const options of [
      { prefix: 'a{b' },
      { prefix: '}' },
      { prefix: '{}' },
      { prefix: '{a}{b}' },
      { minReplicas: -1 },
      { deadlineMs: 0.5 },
    ])
      expect(() => redisStores(client, options)).toThrow(ConfigError)
    for (const prefix of ['', 'auth:', '{auth}:', 'a:{b}:c']) expect(redisStores(client, { prefix })).toBeDefined()
  })

  it('ST-07 F-28 believes no reply that a client took from another command', async () => {
    const replies = [['another', '1', 'done', ['id', 'victim']], null, 'OK', [], 7]
    for (const reply of replies) {
      const { sessions } = redisStores(fakeClient(() => reply).client, quiet)
      await expect(sessions.find('id')).rejects.toThrow(/another command|no list|no text/)
    }
  })

  it('ST-07 F-28 believes no record of another id', async () => {
    const { sessions, tickets } = redisStores(
      fakeClient((call) => [call, '1', 'done', ['id', 'victim', 'digest', 'victim']]).client,
      quiet,
    )
    await expect(sessions.find('id')).rejects.toThrow('session of another id')
    await expect(tickets.find('id' as never, 'purpose', new Date())).rejects.toThrow('ticket of another secret')
  })

  it('reads the replies of clients that are set to give bytes', async () => {
    const bytes = (text: string) => new TextEncoder().encode(text)
    const answer = (call: string) => [bytes(call), bytes('1'), bytes('done'), [[bytes('slot é'), bytes('7'), bytes('1')]]]
    const { attempts } = redisStores(fakeClient(answer).client, quiet)
    expect(await attempts.find('key', new Date())).toEqual([{ id: 'slot é', at: new Date(7), failed: true }])
  })

  it('F-27 gives up, and sends nothing more, once the deadline is over', async () => {
    const { client, sent } = fakeClient((call) => [call, '5', 'late'])
    const { sessions } = redisStores(client, { ...quiet, deadlineMs: 20 })
    await expect(sessions.find('id')).rejects.toThrow('within 20 ms')
    const deadlines = sent
      .filter(([name]) => name === 'EVALSHA')
      .map((command) => Number(command.at(4 + Number(command[2]))))
    expect(deadlines[0]).toBe(0)
    for (const deadline of deadlines.slice(1)) expect(deadline).toBeLessThanOrEqual(25)
  })
})

describe('deadlines', () => {
  it('are those of the clock that was the furthest behind in the last minute, and unknown after two', () => {
    let now = 0
    const deadlines = createDeadlines(() => now)
    expect(deadlines.after(100)).toBe(0)
    deadlines.learn(5000)
    deadlines.learn(4000)
    deadlines.learn(9000)
    expect(deadlines.after(100)).toBe(4100)
    now = 31_000
    deadlines.learn(now + 7000)
    expect(deadlines.after(100)).toBe(now + 4100)
    now = 62_000
    deadlines.learn(now + 8000)
    expect(deadlines.after(100)).toBe(now + 7100)
    now = 122_001
    expect(deadlines.after(100)).toBe(0)
    deadlines.learn(now + 9000)
    expect(deadlines.after(100)).toBe(now + 9100)
  })
})

describe('keys and fields', () => {
  it('tell apart ids that UTF-8 does not, and hold none of them', () => {
    const keys = createKeys('auth:')
    const ids = ['', ' ', 'a', 'A', '\ud800', '\ud801', '\ufffd', 'a\0b', '{a}', '}{', '__proto__', 'x'.repeat(10_240)]
    const named = ids.map((id) => keys.record('session', id).key)
    expect(new Set(named).size).toBe(ids.length)
    for (const key of named) expect(key).toMatch(/^auth:session:\{([\w-])\1\}:\1[\w-]{42}$/)
  })

  it('give back every text, and no two texts are one', () => {
    const texts = ['', '\0', '\0"a"', '"a"', '\ud800', '\udfff\ud800', '\ufffd', 'a\0', '\0\0', '😀', '\0{']
    const stored = texts.map((text) => Buffer.from(encodeText(text)).toString())
    expect(stored.map(decodeText)).toEqual(texts)
    expect(new Set(stored).size).toBe(texts.length)
  })

  it('hold integers to 2^53 and times to the millisecond, and refuse all others', () => {
    const fields = defineFields<{ text: string | null; count: number; at: Date | null }>({
      text: 'text',
      count: 'integer',
      at: 'time',
    })
    const record = { text: '', count: Number.MAX_SAFE_INTEGER, at: new Date(-8.64e15) }
    expect(fields.read(fields.write(record))).toEqual(record)
    expect(fields.read(fields.write({ text: null, count: -0, at: null }))).toEqual({ text: null, count: 0, at: null })
    expect(fields.read([])).toBeNull()
    for (const count of [0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])
      expect(() => encodeInteger(count)).toThrow(RangeError)
    expect(() => encodeTime(new Date(Number.NaN))).toThrow(RangeError)
    for (const count of ['', '1.5', '0x10', '99999999999999999', 'NaN'])
      expect(() => fields.read(['count', count])).toThrow('count')
  })
})

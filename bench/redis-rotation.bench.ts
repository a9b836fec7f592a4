// Rotations a second, beside those of a bare script that does the same work, through the same client of each library.
import { createHash } from 'node:crypto'
import { memoryStores, type SessionStore } from '@auth/core'
import { redisStores } from '@auth/redis'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { compareRates, rateOf } from './rates.js'
import { startRefreshing } from './refreshing.js'
import { report } from './report.js'
import { createRotor, digestOf, idOf, sessionOf } from './rotating.js'
import { serverUrl } from './servers.js'

const inFlight = 32
const sessions = 20_000

/** Reads the record, compares the secret, writes what a rotation writes, and gives the record back. */
const bareScript = `
  local flat = redis.call('HGETALL', KEYS[1])
  local row = {}
  for i = 1, #flat, 2 do row[flat[i]] = flat[i + 1] end
  if row.generation ~= ARGV[1] or row.currentDigest ~= ARGV[2] then return {} end
  redis.call('HSET', KEYS[1], 'generation', ARGV[3], 'currentDigest', ARGV[4], 'previousDigest', ARGV[2],
    'rotatedAt', ARGV[5], 'lastSeenAt', ARGV[5], 'idleExpiresAt', ARGV[6])
  return redis.call('HGETALL', KEYS[1])`
const bareSha = createHash('sha1').update(bareScript).digest('hex')

type Send = (command: string, ...args: string[]) => Promise<unknown>

/** Rotates hashes with the bare script. */
async function createBare(send: Send, prefix: string): Promise<(worker: number) => Promise<void>> {
  await send('SCRIPT', 'LOAD', bareScript)
  const key = (session: number): string => `${prefix}bare:${idOf(session)}`
  await inBatches(async (session) => {
    const fields = Object.entries(sessionOf(session)).flatMap(([name, value]) =>
      value === null ? [] : [name, value instanceof Date ? `${value.getTime()}` : `${value}`],
    )
    await send('HSET', key(session), ...fields)
  })
  const generations = new Uint32Array(sessions)
  const share = Math.floor(sessions / inFlight)
  return async (worker) => {
    const session = worker * share + Math.floor(Math.random() * share)
    const generation = generations[session] ?? 0
    const now = Date.now()
    const digests = [digestOf(session, generation), `${generation + 1}`, digestOf(session, generation + 1)]
    const args = [`${generation}`, ...digests, `${now}`, `${now + 2_592_000_000}`]
    const record = await send('EVALSHA', bareSha, '1', key(session), ...args)
    if (!Array.isArray(record) || record.length === 0) throw new Error('The bare script did not rotate')
    generations[session] = generation + 1
  }
}

async function createOurs(store: SessionStore): Promise<(worker: number) => Promise<void>> {
  await inBatches((session) => store.insert(sessionOf(session)))
  return createRotor(store, sessions, inFlight).rotate
}

async function inBatches(make: (session: number) => Promise<unknown>): Promise<void> {
  for (let first = 0; first < sessions; first += 100)
    await Promise.all(Array.from({ length: 100 }, (_, index) => make(first + index)))
}

async function compareThrough(client: string, redis: Parameters<typeof redisStores>[0], send: Send): Promise<void> {
  const prefix = `bench:${process.pid}:${client}:`
  const stores = redisStores(redis, { prefix, onWarning: () => {} })
  const bare = await createBare(send, prefix)
  const ours = await createOurs(stores.sessions)
  const refreshing = await startRefreshing({ ...memoryStores(), ...stores }, inFlight)
  const comparison = await compareRates({
    name: `redis-rotation-${client}`,
    contenders: [
      { name: 'a bare EVALSHA of the same work', measure: (seconds) => rateOf(bare, inFlight, seconds) },
      { name: 'rotate', atLeast: 0.5, measure: (seconds) => rateOf(ours, inFlight, seconds) },
      { name: 'whole refresh', measure: (seconds) => rateOf(refreshing.refresh, inFlight, seconds) },
    ],
  })
  report({ ...comparison, notes: { 'share of a refresh that is crypto': await refreshing.cryptoShare() } })
}

const url = await serverUrl('redis')
const ioredis = new Redis(url)
try {
  await compareThrough('ioredis', ioredis, (command, ...args) => ioredis.call(command, ...args))
} finally {
  ioredis.disconnect()
}
const nodeRedis = await createClient({ url }).connect()
try {
  await compareThrough('node-redis', nodeRedis, (...command) => nodeRedis.sendCommand(command))
} finally {
  nodeRedis.destroy()
}

import type { AttemptSlot, AttemptStore } from '@auth/core'
import type { Database } from './database.js'
import { openDueIndex } from './due-index.js'
import { decodeText, encodeText, encodeTime } from './fields.js'
import { lifeUntil } from './lives.js'
import { defineScript, type Reply, type Script, toList, toText } from './scripts.js'

/** How much longer than their slots ledgers live. Anybody may make ledgers, so that it is no day. */
const graceMs = 3_600_000

// A ledger is a hash under one key: `n` counts the slots ever taken, `slot:<id>` is `<number> <at> <end> <failed>`.
// KEYS[1] is the ledger, KEYS[2] the index in its slot of when the first slot of each ends.
const helpers = `
  local function slots(key)
    local list = {}
    local flat = redis.call('HGETALL', key)
    for i = 1, #flat, 2 do
      if string.sub(flat[i], 1, 5) == 'slot:' then
        local number, taken, ending, failed = string.match(flat[i + 1], '^(%d+) (-?%d+) (-?%d+) (%d)$')
        list[#list + 1] = {field = flat[i], number = tonumber(number), at = taken, ends = tonumber(ending), failed = failed}
      end
    end
    table.sort(list, function(a, b) return a.number < b.number end)
    return list
  end
  local function first_end(list)
    local first = list[1].ends
    for _, slot in ipairs(list) do if slot.ends < first then first = slot.ends end end
    return num(first)
  end
  local function answer(list, now)
    local told = {}
    for _, slot in ipairs(list) do
      if slot.ends > now then told[#told + 1] = {string.sub(slot.field, 6), slot.at, slot.failed} end
    end
    return told
  end
`

/** ARGV: now. */
const findSlots = defineScript(`${helpers} return answer(slots(KEYS[1]), tonumber(ARGV[3]))`)

/** ARGV: now, slot, its end, how long the ledger lives from now, for how long after their end slots are kept. */
const takeSlot = defineScript(`${helpers}
  local now = tonumber(ARGV[3])
  for _, slot in ipairs(slots(KEYS[1])) do
    if slot.ends + tonumber(ARGV[7]) <= now then redis.call('HDEL', KEYS[1], slot.field) end
  end
  local number = redis.call('HINCRBY', KEYS[1], 'n', 1)
  redis.call('HSET', KEYS[1], 'slot:' .. ARGV[4], num(number) .. ' ' .. ARGV[3] .. ' ' .. ARGV[5] .. ' 0')
  local list = slots(KEYS[1])
  keep(KEYS[1], KEYS[2], first_end(list), tonumber(ARGV[6]))
  return answer(list, now)`)

/** ARGV: slot, now. */
const settleSlot = defineScript(`${helpers}
  local field = 'slot:' .. ARGV[3]
  local slot = redis.call('HGET', KEYS[1], field)
  if slot then redis.call('HSET', KEYS[1], field, string.sub(slot, 1, -2) .. '1') end
  return answer(slots(KEYS[1]), tonumber(ARGV[4]))`)

/** ARGV: slot. */
const removeSlot = defineScript(`${helpers}
  if redis.call('HDEL', KEYS[1], 'slot:' .. ARGV[3]) == 0 then return '0' end
  if #slots(KEYS[1]) == 0 then
    redis.call('ZREM', KEYS[2], redis.call('HGET', KEYS[1], 'due'))
    redis.call('DEL', KEYS[1])
  end
  return '1'`)

const clearSlots = defineScript(`
  local due = redis.call('HGET', KEYS[1], 'due')
  if due then redis.call('ZREM', KEYS[2], due) end
  redis.call('DEL', KEYS[1])
  return '1'`)

/** KEYS: the index, ledgers. ARGV: end, limit, entries of the index. */
const deleteSlots = defineScript(`${helpers}
  local deleted = 0
  for i = 2, #KEYS do
    local due = ARGV[i + 3]
    if redis.call('HGET', KEYS[i], 'due') ~= due then
      redis.call('ZREM', KEYS[1], due)
    else
      for _, slot in ipairs(slots(KEYS[i])) do
        if slot.ends < tonumber(ARGV[3]) and deleted < tonumber(ARGV[4]) then
          redis.call('HDEL', KEYS[i], slot.field)
          deleted = deleted + 1
        end
      end
      local left = slots(KEYS[i])
      if #left > 0 then
        redis.call('ZADD', KEYS[1], first_end(left), due)
      else
        redis.call('ZREM', KEYS[1], due)
        redis.call('DEL', KEYS[i])
      end
    end
  end
  return num(deleted)`)

/** How long after their end slots stay, so that a node whose clock is ahead takes none from the others. */
const keptMs = 300_000

/** Keeps the ledgers of attempts in Redis: a hash for each key, which every method reads and writes in one script. */
export function createAttemptStore({ scripts, keys, deployment }: Database): AttemptStore {
  const ends = openDueIndex(scripts, keys, 'attempt-ends', (name) => keys.named('attempts', name))

  async function run(script: Script, ledger: string, args: readonly string[]): Promise<Reply> {
    const { key, part } = keys.record('attempts', ledger)
    return (await scripts.run(script, [key, ends.key(part)], args)).reply
  }

  return {
    deployment,
    async find(key, now) {
      return toSlots(await run(findSlots, key, [encodeTime(now)]))
    },
    async take({ key, slot, now, expiresAt }) {
      const life = lifeUntil(expiresAt, now, graceMs)
      return toSlots(await run(takeSlot, key, [encodeTime(now), encodeText(slot), encodeTime(expiresAt), life, `${keptMs}`]))
    },
    async settle(key, slot, now) {
      return toSlots(await run(settleSlot, key, [encodeText(slot), encodeTime(now)]))
    },
    async giveBack(key, slot) {
      return (await run(removeSlot, key, [encodeText(slot)])) === '1'
    },
    async clear(key) {
      await run(clearSlots, key, [])
    },
    async deleteExpired(before, limit) {
      const end = encodeTime(before)
      return ends.settle(`(${end}`, limit, async (named, dues, left) => {
        const { reply } = await scripts.run(deleteSlots, named, [end, `${left}`, ...dues])
        return Number(reply)
      })
    },
  }
}

function toSlots(reply: Reply): readonly AttemptSlot[] {
  return toList(reply).map((slot) => {
    const [id, at, failed] = toList(slot).map(toText)
    return { id: decodeText(id ?? ''), at: new Date(Number(at)), failed: failed === '1' }
  })
}

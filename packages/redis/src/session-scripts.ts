import { defineScript, type Script } from './scripts.js'

// A session is a hash under one key. A hash with the field `ended` is no session but the memory of an id that was revoked
// before it was inserted. KEYS[1] is the session, KEYS[2] the index of ends in its slot, KEYS[3] that of sealed successors.

const helpers = `
  local function session()
    local row = load(KEYS[1])
    return row and not row.ended and row
  end
  local function is_unexpired(row, now)
    return tonumber(now) < tonumber(row.idleExpiresAt) and tonumber(now) < tonumber(row.expiresAt)
  end
  local function live(now)
    local row = session()
    return row and not row.revokedAt and is_unexpired(row, now) and row
  end
  local function unseal(row)
    if not row.sealedSuccessor then return end
    redis.call('HDEL', KEYS[1], 'sealedSuccessor')
    redis.call('ZREM', KEYS[3], row.due)
  end
  local function finish(row, now, reason)
    unseal(row)
    redis.call('HSET', KEYS[1], 'revokedAt', now, 'revokedReason', reason)
  end
`

/** ARGV: life, end, when the successor was sealed or '', then the fields. */
export const insertSession: Script = defineScript(`
  if redis.call('EXISTS', KEYS[1]) == 1 then return '0' end
  redis.call('HSET', KEYS[1], unpack(ARGV, 6))
  local due = keep(KEYS[1], KEYS[2], ARGV[4], tonumber(ARGV[3]))
  if ARGV[5] ~= '' then
    redis.call('ZADD', KEYS[3], ARGV[5], due)
    extend(KEYS[3], tonumber(ARGV[3]))
    trim(KEYS[3])
  end
  return '1'`)

export const findRecord: Script = defineScript(`return redis.call('HGETALL', KEYS[1])`)

/** `decideRotation` in Lua, in its order. ARGV: carrier, client, generation, digest, successor's digest and sealed form, user's epoch, now, retry window, idle end. */
export const rotateSession: Script = defineScript(`${helpers}
  local carrier, client, generation, digest = ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6]
  local successor, sealed, epoch, now = ARGV[7], ARGV[8], ARGV[9], ARGV[10]
  local window, idle = tonumber(ARGV[11]), ARGV[12]

  local row = session()
  if not row then return {'absent'} end
  if row.carrier ~= carrier or (row.clientId and '+' .. row.clientId or '-') ~= client then return {'invalid'} end
  if row.revokedAt or row.epoch ~= epoch then return {'revoked', redis.call('HGETALL', KEYS[1])} end
  if not is_unexpired(row, now) then return {'expired'} end

  local current = tonumber(row.generation)
  if generation == current and digest == row.currentDigest then
    if tonumber(idle) > tonumber(row.expiresAt) then idle = row.expiresAt end
    redis.call('HSET', KEYS[1], 'generation', num(current + 1), 'currentDigest', successor,
      'previousDigest', row.currentDigest, 'rotatedAt', now, 'lastSeenAt', now, 'idleExpiresAt', idle)
    if sealed == '-' then
      unseal(row)
    else
      redis.call('HSET', KEYS[1], 'sealedSuccessor', string.sub(sealed, 2))
      redis.call('ZADD', KEYS[3], now, row.due)
      extend(KEYS[3], redis.call('PTTL', KEYS[1]))
      trim(KEYS[3])
    end
    return {'rotated', redis.call('HGETALL', KEYS[1])}
  end
  if generation == current - 1 and digest == row.previousDigest and row.sealedSuccessor and row.rotatedAt
    and tonumber(now) - tonumber(row.rotatedAt) < window then
    return {'retried', redis.call('HGETALL', KEYS[1])}
  end
  local is_reuse = generation < current
  finish(row, now, is_reuse and 'reuse' or 'rollback')
  return {is_reuse and 'reused' or 'rolled_back', redis.call('HGETALL', KEYS[1])}`)

/** ARGV: now, idle end. */
export const touchSession: Script = defineScript(`${helpers}
  if not live(ARGV[3]) then return '0' end
  redis.call('HSET', KEYS[1], 'lastSeenAt', ARGV[3], 'idleExpiresAt', ARGV[4])
  return '1'`)

/** ARGV: now, epoch before, epoch after, new digest or ''. */
export const swapSessionEpoch: Script = defineScript(`${helpers}
  local row = live(ARGV[3])
  if not row or row.epoch ~= ARGV[4] then return '0' end
  redis.call('HSET', KEYS[1], 'epoch', ARGV[5])
  if ARGV[6] ~= '' then
    unseal(row)
    redis.call('HDEL', KEYS[1], 'previousDigest')
    redis.call('HSET', KEYS[1], 'generation', num(tonumber(row.generation) + 1), 'currentDigest', ARGV[6])
  end
  return '1'`)

/**
 * ARGV: now, reason, until when the end of no session is remembered, how long that is. Answers whether that ended a live session,
 * and whose it was and when it was made, where it ended one.
 */
export const revokeSession: Script = defineScript(`${helpers}
  local row = load(KEYS[1])
  if not row or row.ended then
    local ended = row and tonumber(row.ended) > tonumber(ARGV[5]) and row.ended or ARGV[5]
    redis.call('HSET', KEYS[1], 'ended', ended)
    keep(KEYS[1], KEYS[2], ended, tonumber(ARGV[6]))
    return {'0'}
  end
  if row.revokedAt then return {'0'} end
  finish(row, ARGV[3], ARGV[4])
  return {is_unexpired(row, ARGV[3]) and '1' or '0', row.userId, row.createdAt}`)

/** Ends one of a user's sessions. ARGV: now, reason, user, epoch or ''. Answers `ended`, `over` where it was not live, or `kept`. */
export const revokeSessionOfUser: Script = defineScript(`${helpers}
  local row = session()
  if not row or row.userId ~= ARGV[5] then return 'kept' end
  if row.revokedAt then return 'over' end
  if ARGV[6] ~= '' and tonumber(row.epoch) >= tonumber(ARGV[6]) then return 'kept' end
  finish(row, ARGV[3], ARGV[4])
  return is_unexpired(row, ARGV[3]) and 'ended' or 'over'`)

/** Forgets sealed successors. KEYS: the index of them, sessions. ARGV: the last instant that is due, limit, entries of the index. */
export const eraseSealed: Script = defineScript(`
  local erased = 0
  for i = 2, #KEYS do
    local due = ARGV[i + 3]
    local score = redis.call('ZSCORE', KEYS[1], due)
    if score and tonumber(score) <= tonumber(ARGV[3]) and erased < tonumber(ARGV[4]) then
      redis.call('ZREM', KEYS[1], due)
      if redis.call('HGET', KEYS[i], 'due') == due then erased = erased + redis.call('HDEL', KEYS[i], 'sealedSuccessor') end
    end
  end
  return num(erased)`)

import { defineScript, type Script } from './scripts.js'

// KEYS: the feed's own hash (epoch, last number, mark of the last entry, how many were removed), the stream of entries,
// the hash of their numbers by id, the index of their ends. All of them live as long as the last entry, and a day.
// ARGV[3] is a random mark.
const helpers = `
  local dayMs = 86400000

  -- The feed's own hash. A feed that is not complete, whoever took some of it, is another one from now on.
  local function feed()
    local own = load(KEYS[1])
    local length = redis.call('XLEN', KEYS[2])
    if own and tonumber(own.last) - tonumber(own.removed) == length then return own end
    local last = own and own.last or '0'
    if not own then redis.call('DEL', KEYS[2], KEYS[3], KEYS[4]) length = 0 end
    own = {epoch = ARGV[3], last = last, mark = ARGV[3], removed = num(tonumber(last) - length)}
    redis.call('HSET', KEYS[1], 'epoch', own.epoch, 'last', own.last, 'mark', own.mark, 'removed', own.removed)
    return own
  end

  local function entry(item)
    local fields = item[2]
    return {fields[2], fields[4], fields[6], fields[8]}
  end

  local function remove(due)
    local number = string.match(due, ':(%d+)$')
    local found = redis.call('XRANGE', KEYS[2], number, number)
    for _, item in ipairs(found) do redis.call('HDEL', KEYS[3], entry(item)[1]) end
    redis.call('HINCRBY', KEYS[1], 'removed', redis.call('XDEL', KEYS[2], number))
    redis.call('ZREM', KEYS[4], due)
    return #found
  end

  local function live(life)
    for i = 1, 4 do extend(KEYS[i], life) end
  end
`

/** ARGV: mark, channel, id, end, target. */
export const appendEntry: Script = defineScript(`${helpers}
  local own = feed()
  if redis.call('HEXISTS', KEYS[3], ARGV[5]) == 1 then return '0' end
  local number = num(tonumber(own.last) + 1)
  redis.call('HSET', KEYS[1], 'last', number, 'mark', ARGV[3])
  redis.call('XADD', KEYS[2], number .. '-0', 'id', ARGV[5], 'end', ARGV[6], 'target', ARGV[7], 'mark', ARGV[3])
  redis.call('HSET', KEYS[3], ARGV[5], number)
  local life = math.max(tonumber(ARGV[6]) - at, 0) + dayMs
  for _, due in ipairs(redis.call('ZRANGE', KEYS[4], 0, 7)) do
    if tonumber(string.match(due, '^%d+')) < at then remove(due) end
  end
  redis.call('ZADD', KEYS[4], ARGV[6], num(at + life) .. ':' .. number)
  live(life)
  redis.pcall('PUBLISH', ARGV[4], 'appended')
  return '1'`)

/** ARGV: mark, then the cursor's epoch, number and mark. Answers whether the page is whole, the next cursor, the entries. */
export const readEntries: Script = defineScript(`${helpers}
  local own = feed()
  -- A write: only a primary reads the feed, and only one that still has the replicas it needs.
  redis.call('HSET', KEYS[1], 'last', own.last)
  live(dayMs)
  local function is_known()
    if ARGV[4] ~= own.epoch then return false end
    if ARGV[5] == own.last then return ARGV[6] == own.mark end
    if ARGV[5] == '0' then return ARGV[6] == own.epoch end
    local found = redis.call('XRANGE', KEYS[2], ARGV[5], ARGV[5])
    return found[1] and entry(found[1])[4] == ARGV[6]
  end
  local known = is_known()
  local from = known and num(tonumber(ARGV[5]) + 1) or '-'
  local entries = {}
  for i, item in ipairs(redis.call('XRANGE', KEYS[2], from, '+')) do
    local each = entry(item)
    entries[i] = {each[1], each[2], each[3]}
  end
  return {known and '0' or '1', own.epoch .. ':' .. own.last .. ':' .. own.mark, entries}`)

/** ARGV: mark, end, limit. */
export const deleteEntries: Script = defineScript(`${helpers}
  feed()
  live(dayMs)
  local deleted = 0
  for _, due in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', ARGV[4], 'LIMIT', '0', ARGV[5])) do
    deleted = deleted + remove(due)
  end
  return num(deleted)`)

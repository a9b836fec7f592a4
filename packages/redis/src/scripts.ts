import { createHash, randomBytes } from 'node:crypto'
import { createDeadlines } from './deadlines.js'
import type { RedisPort } from './redis-port.js'

/** A Lua script. Its keys are declared with each call, all of them in one hash slot. */
export interface Script {
  readonly source: string
  readonly sha: string
}

/** What a script answers: text or lists. Scripts answer no numbers, which clients may turn into something else. */
export type Reply = string | readonly Reply[]

/** What goes with a call. */
export interface RunOptions {
  /** Whether as many replicas as are configured must have taken what the script wrote. */
  readonly isReplicated?: boolean
  /** When what this is a part of began, by `performance.now()`; the deadline counts from there. Default: now. */
  readonly since?: number
}

/** Runs scripts. */
export interface Scripts {
  /**
   * Runs a script in one step on the server that has its keys, and answers what it gives and the server's clock.
   * Whatever becomes of it: it has run before this settles or the deadline passes, or it never runs.
   * @throws whatever went wrong, as the client tells it.
   */
  run(script: Script, keys: readonly [string, ...string[]], args: readonly string[], options?: RunOptions): Promise<Ran>
}

/** How a script ran. */
export interface Ran {
  readonly reply: Reply
  /** The server's clock, in milliseconds since 1970. */
  readonly at: number
}

/** How scripts are run. */
export interface ScriptSettings {
  readonly deadlineMs: number
  readonly minReplicas: number
}

// What every script begins with. `at` is the server's clock. Each reply bears the call's own mark, so that no reply that
// a client takes for another call's is believed. A script that arrives after its caller gave up does nothing.
const prelude = `
local time = redis.call('TIME')
local at = time[1] * 1000 + math.floor(time[2] / 1000)
local function num(value) return string.format('%.0f', value) end
if at > tonumber(ARGV[2]) then return {ARGV[1], num(at), 'late'} end

local function load(key)
  local flat = redis.call('HGETALL', key)
  if #flat == 0 then return nil end
  local row = {}
  for i = 1, #flat, 2 do row[flat[i]] = flat[i + 1] end
  return row
end

-- Lets a key live at least so long from now, and answers how long it will.
local function extend(key, life)
  local left = redis.call('PTTL', key)
  if left >= life then return left end
  redis.call('PEXPIRE', key, num(life))
  return life
end

-- Forgets some of an index's entries whose records have gone by themselves.
local function trim(index)
  for _, due in ipairs(redis.call('ZRANGE', index, 0, 3)) do
    if tonumber(string.match(due, '^%d+')) < at then redis.call('ZREM', index, due) end
  end
end

-- Lets a hash live at least so long, and notes in the index when it may be deleted. An entry tells with the record's
-- name when the record goes by itself.
local function keep(row, index, score, life)
  local due = num(at + extend(row, life)) .. ':' .. string.match(row, '[^:]*$')
  local old = redis.call('HGET', row, 'due')
  if old and old ~= due then redis.call('ZREM', index, old) end
  redis.call('HSET', row, 'due', due)
  redis.call('ZADD', index, score, due)
  extend(index, life)
  trim(index)
  return due
end
`

/** Makes a script of a Lua function's body, which answers text or a list. Its arguments begin at `ARGV[3]`. */
export function defineScript(body: string): Script {
  const source = `${prelude}\nlocal function run()\n${body}\nend\nreturn {ARGV[1], num(at), 'done', run()}`
  return { source, sha: createHash('sha1').update(source).digest('hex') }
}

interface Sent {
  readonly reply: unknown
  /** How many replicas have taken it, where that was asked. */
  readonly replicas?: number
}

const process = randomBytes(9).toString('base64url')
let calls = 0

/** How long `WAIT` waits for replicas. */
const waitMs = 1000
const mostRedirects = 4

export function createScripts(port: RedisPort, { deadlineMs, minReplicas }: ScriptSettings): Scripts {
  const deadlines = createDeadlines()

  async function send(command: readonly string[], key: string, isReplicated: boolean): Promise<Sent> {
    if (!isReplicated || minReplicas === 0) return { reply: await port.send(key, command) }
    const [reply, replicas] = await port.sendBoth(key, command, ['WAIT', `${minReplicas}`, `${waitMs}`])
    return { reply, replicas: Number(replicas) }
  }

  /** Runs the script by its digest; sends it whole to a server that does not know it, which may happen at any time. */
  async function evaluate(
    script: Script,
    key: string,
    args: readonly string[],
    isReplicated: boolean,
    redirects: number = mostRedirects,
  ): Promise<Sent> {
    try {
      return await send(['EVALSHA', script.sha, ...args], key, isReplicated)
    } catch (error) {
      if (isRedirect(error) && isReplicated && redirects > 0) {
        // Clients follow the move of a slot with single commands only. This one shows them where it went.
        await port.send(key, ['EXISTS', key])
        return evaluate(script, key, args, isReplicated, redirects - 1)
      }
      if (!startsWith(error, 'NOSCRIPT')) throw error
      return send(['EVAL', script.source, ...args], key, isReplicated)
    }
  }

  return {
    async run(script, keys, args, { isReplicated = false, since = performance.now() } = {}) {
      const call = `${process}${(calls++).toString(36)}`
      const leftMs = (): number => {
        const left = since + deadlineMs - performance.now()
        if (left > 0) return left
        throw new Error(`Redis did not run a command within ${deadlineMs} ms`)
      }
      let deadline = deadlines.after(leftMs())
      for (;;) {
        const sent = [`${keys.length}`, ...keys, call, `${deadline}`, ...args]
        const { reply: answer, replicas } = await evaluate(script, keys[0], sent, isReplicated)
        const [mark, time, state, reply] = toList(answer)
        if (mark !== call) throw new Error('The Redis client took the reply of another command for this one’s')
        const at = Number(time)
        if (replicas === undefined) deadlines.learn(at) // Behind `WAIT` the answer is too old to tell the time by.
        if (state === 'done' && reply !== undefined) {
          if (replicas === undefined || replicas >= minReplicas) return { reply, at }
          throw new Error(`Only ${replicas} of ${minReplicas} Redis replicas have taken the change`)
        }
        // Nothing has happened yet: the server's clock was not known, or has been set.
        deadline = Math.floor(at + leftMs())
      }
    },
  }
}

function isRedirect(error: unknown): boolean {
  return startsWith(error, 'MOVED ') || startsWith(error, 'ASK ')
}

function startsWith(error: unknown, code: string): boolean {
  return error instanceof Error && error.message.startsWith(code)
}

/** A script's list. A client may be set to give bytes for text. */
export function toList(reply: unknown): readonly Reply[] {
  if (!Array.isArray(reply)) throw new Error('Redis gave no list')
  return reply.map(toReply)
}

function toReply(reply: unknown): Reply {
  if (typeof reply === 'string') return reply
  if (reply instanceof Uint8Array) return new TextDecoder().decode(reply)
  return toList(reply)
}

/** The text in a script's reply. */
export function toText(reply: Reply | undefined): string {
  if (typeof reply !== 'string') throw new Error('Redis gave no text')
  return reply
}

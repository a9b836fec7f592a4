import type { TicketOutcome, TicketRecord, TicketStore } from '@auth/core'
import type { Database } from './database.js'
import { deleteDue, openDueIndex } from './due-index.js'
import { defineFields, encodeText, encodeTime } from './fields.js'
import { lifeUntil } from './lives.js'
import { openOwnerIndex } from './owner-index.js'
import { defineScript, type Reply, type RunOptions, type Script, toList, toText } from './scripts.js'

const withdrawnAtOnce = 200

const fields = defineFields<TicketRecord>({
  digest: 'text',
  purpose: 'text',
  binding: 'text',
  userId: 'text',
  grantId: 'text',
  payload: 'text',
  createdAt: 'time',
  expiresAt: 'time',
  rememberUntil: 'time',
})

// A ticket is a hash under one key, with the field `used` from its use on. KEYS[2] is the index of ends in its slot.

/** ARGV: life, end, then the fields. */
const insertTicket = defineScript(`
  if redis.call('EXISTS', KEYS[1]) == 1 then return '0' end
  redis.call('HSET', KEYS[1], unpack(ARGV, 5))
  keep(KEYS[1], KEYS[2], ARGV[4], tonumber(ARGV[3]))
  return '1'`)

/** ARGV: purpose, now. */
const findTicket = defineScript(`
  local row = load(KEYS[1])
  if not row or row.used or row.purpose ~= ARGV[3] or tonumber(ARGV[4]) >= tonumber(row.expiresAt) then return {} end
  return redis.call('HGETALL', KEYS[1])`)

/** ARGV: purpose, binding, now. */
const consumeTicket = defineScript(`
  local row = load(KEYS[1])
  if not row or tonumber(ARGV[5]) >= tonumber(row.used and row.rememberUntil or row.expiresAt) then return {'absent'} end
  if row.purpose ~= ARGV[3] or row.binding ~= ARGV[4] then return {'mismatch'} end
  if row.used then return {'replayed', redis.call('HGETALL', KEYS[1])} end
  redis.call('HSET', KEYS[1], 'used', '1')
  return {'consumed', redis.call('HGETALL', KEYS[1])}`)

/** ARGV: purpose, user. */
const withdrawTicket = defineScript(`
  local row = load(KEYS[1])
  if not row or row.used or row.purpose ~= ARGV[3] or row.userId ~= ARGV[4] then return '0' end
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], row.due)
  return '1'`)

/** Keeps tickets in Redis: a hash for each, which every method reads and writes in one script. */
export function createTicketStore({ scripts, keys, deployment }: Database): TicketStore {
  const ofOwners = openOwnerIndex(scripts, keys, 'user-tickets')
  const ends = openDueIndex(scripts, keys, 'ticket-ends', (name) => keys.named('ticket', name))

  async function run(script: Script, digest: string, args: readonly string[], options?: RunOptions): Promise<Reply> {
    const { key, part } = keys.record('ticket', digest)
    return (await scripts.run(script, [key, ends.key(part)], args, options)).reply
  }

  return {
    deployment,
    async insert(ticket) {
      const life = lifeUntil(ticket.rememberUntil, ticket.createdAt)
      const { digest, purpose, userId } = ticket
      const written = fields.write(ticket)
      const since = performance.now()
      if (userId !== null) await ofOwners.add(toOwner(purpose, userId), digest, ticket.createdAt, life, { since })
      return (await run(insertTicket, digest, [life, encodeTime(ticket.rememberUntil), ...written], { since })) === '1'
    },
    async find(digest, purpose, now) {
      const flat = await run(findTicket, digest, [encodeText(purpose), encodeTime(now)])
      return toList(flat).length > 0 ? readTicket(digest, flat) : null
    },
    async consume({ digest, purpose, binding, now }) {
      const args = [encodeText(purpose), encodeText(binding), encodeTime(now)]
      return toOutcome(digest, await run(consumeTicket, digest, args, { isReplicated: true }))
    },
    async revokeAll(purpose, userId) {
      const digests = (await ofOwners.list(toOwner(purpose, userId))).map(({ id }) => id)
      const args = [encodeText(purpose), encodeText(userId)]
      let withdrawn = 0
      for (let first = 0; first < digests.length; first += withdrawnAtOnce) {
        const some = digests.slice(first, first + withdrawnAtOnce)
        const answers = await Promise.all(some.map((digest) => run(withdrawTicket, digest, args, { isReplicated: true })))
        withdrawn += answers.filter((answer) => answer === '1').length
      }
      return withdrawn
    },
    async deleteExpired(before, limit) {
      const end = encodeTime(before)
      return ends.settle(`(${end}`, limit, async (named, dues, left) => {
        const { reply } = await scripts.run(deleteDue, named, [end, `${left}`, ...dues])
        return Number(reply)
      })
    },
  }
}

function toOwner(purpose: string, userId: string): string {
  return JSON.stringify([purpose, userId])
}

/** @throws Error where the record is another's, which no reply may be trusted with. */
function readTicket(digest: string, flat: Reply | undefined): TicketRecord {
  const ticket = fields.read(flat)
  if (ticket?.digest !== digest) throw new Error('Redis gave the ticket of another secret')
  return ticket
}

function toOutcome(digest: string, reply: Reply): TicketOutcome {
  const [told, flat] = toList(reply)
  const outcome = toText(told)
  switch (outcome) {
    case 'absent':
    case 'mismatch':
      return { outcome }
    case 'consumed':
    case 'replayed':
      return { outcome, ticket: readTicket(digest, flat) }
    default:
      throw new Error('Redis told no outcome of a use')
  }
}

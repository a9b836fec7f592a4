import type { AuthStores } from '@auth/core'
import { at, digestNamed, later, session, user } from './samples.js'

/** What all processes of a race are given alike. */
export interface RaceTask {
  /** Which task. */
  readonly name: string
  readonly id: string
  /** How many calls each process makes at once. */
  readonly parallel: number
}

type RaceInput = Omit<RaceTask, 'name'>

/** What a process races with. */
export interface Racer {
  readonly stores: Required<AuthStores>
  migrate(): Promise<void>
}

/** What processes race in; each answers the outcome of each of its calls. */
export const tasks: Readonly<Record<string, (racer: Racer, input: RaceInput) => Promise<readonly unknown[]>>> = {
  migrate: async ({ migrate }) => {
    await migrate()
    return ['migrated']
  },
  register: ({ stores }, { id, parallel }) =>
    all(parallel, (racer) => stores.users.insert(user({ id: `${id}-${racer}`, emailKey: `${id}@example.com` }))),
  rotate: ({ stores }, { id, parallel }) =>
    all(parallel, async (racer) => {
      const { outcome } = await stores.sessions.rotate({
        id,
        carrier: 'refresh',
        clientId: null,
        generation: 0,
        digest: digestNamed('first'),
        successor: { digest: digestNamed(racer), sealed: null },
        userEpoch: 0,
        now: at,
        retryWindowMs: 0,
        idleExpiresAt: later(3600),
      })
      return outcome
    }),
  consume: ({ stores }, { id, parallel }) =>
    all(parallel, async () => {
      const use = { digest: digestNamed(id), purpose: 'test', binding: digestNamed('binding'), now: at }
      return (await stores.tickets.consume(use)).outcome
    }),
  attempt: ({ stores }, { id, parallel }) =>
    all(parallel, async (slot) => {
      const ledger = await stores.attempts.take({ key: id, slot, now: at, expiresAt: later(3600) })
      return ledger.map((taken) => taken.id)
    }),
  demote: ({ stores }, { id, parallel }) =>
    all(parallel, async (racer) => {
      const userId = `${id}-${Number(racer.at(-1)) % 2}`
      const keepsHolderOf = [['owner'], ['owner', 'admin']] // Nobody is an owner.
      if (Number(racer.at(-1)) % 5 === 4) return stores.users.delete(userId, keepsHolderOf)
      const change = { feed: stores.revocations, entryExpiresAt: later(3600), keepsHolderOf }
      return (await stores.users.revoke({ userId, ends: 'tokens', set: { roles: ['user'] }, ...change })) !== null
    }),
  grant: ({ stores }, { id, parallel }) =>
    all(parallel, async (racer) =>
      racer.endsWith('0')
        ? stores.sessions.revoke({ id, reason: 'logout', now: at, rememberUntil: later(3600) })
        : stores.sessions.insert(session({ id })),
    ),
}

function all<T>(count: number, call: (racer: string) => Promise<T>): Promise<readonly T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => call(`${process.pid}-${index}`)))
}

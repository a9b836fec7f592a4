import { randomUUID } from 'node:crypto'
import { StoreError } from '@auth/core'
import type { Kysely } from 'kysely'
import type { DemoTables } from './storage/index.js'

/** Something that was ordered. */
export interface Order {
  readonly id: string
  readonly item: string
  readonly createdAt: string
}

/** The demo's own data: each person's orders, the same in every process. @throws StoreError where the database fails */
export interface OrderBook {
  /** A person's orders, newest first. */
  list(owner: string): Promise<readonly Order[]>
  /** Places an order. */
  place(owner: string, item: string): Promise<Order>
  /** Forgets a person's orders. */
  forget(owner: string): Promise<void>
}

/** Bound on what one person can make a demo keep. */
const ordersEach = 50

/** Makes the book over the demo's own table. */
export function createOrderBook(db: Kysely<DemoTables>): OrderBook {
  const newest = (owner: string) =>
    db.selectFrom('demo_order').where('owner', '=', owner).orderBy('position', 'desc').limit(ordersEach)
  return {
    list: (owner) =>
      inDatabase(async () => {
        const rows = await newest(owner).select(['id', 'item', 'created_at']).execute()
        return rows.map(({ id, item, created_at }) => ({ id, item, createdAt: created_at }))
      }),
    place: (owner, item) =>
      inDatabase(async () => {
        const order = { id: randomUUID(), item, createdAt: new Date().toISOString() }
        const { createdAt: created_at, ...rest } = order
        await db
          .insertInto('demo_order')
          .values({ ...rest, owner, created_at })
          .execute()
        const kept = newest(owner).select('position')
        await db.deleteFrom('demo_order').where('owner', '=', owner).where('position', 'not in', kept).execute()
        return order
      }),
    forget: (owner) => inDatabase(async () => void (await db.deleteFrom('demo_order').where('owner', '=', owner).execute())),
  }
}

/** A database that fails is answered 503, as the SDK's own routes are. */
async function inDatabase<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (cause) {
    throw new StoreError('The orders could not be reached', { cause })
  }
}

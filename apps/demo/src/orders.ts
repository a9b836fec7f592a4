import { randomUUID } from 'node:crypto'

/** Something that was ordered. */
export interface Order {
  readonly id: string
  readonly item: string
  readonly createdAt: Date
}

/** The demo's own data: each person's orders, kept in memory. */
export interface OrderBook {
  /** A person's orders, newest first. */
  list(owner: string): readonly Order[]
  /** Places an order. */
  place(owner: string, item: string): Order
  /** Forgets a person's orders. */
  forget(owner: string): void
}

/** Bounds on what strangers can make a demo remember. */
const ordersEach = 50
const owners = 10_000

/** Makes an empty book. */
export function createOrderBook(): OrderBook {
  const orders = new Map<string, readonly Order[]>()
  return {
    list: (owner) => orders.get(owner) ?? [],
    place(owner, item) {
      const order = { id: randomUUID(), item, createdAt: new Date() }
      orders.set(owner, [order, ...(orders.get(owner) ?? [])].slice(0, ordersEach))
      const [oldest] = orders.keys()
      if (orders.size > owners && oldest !== undefined) orders.delete(oldest)
      return order
    },
    forget: (owner) => void orders.delete(owner),
  }
}

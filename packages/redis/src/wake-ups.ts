/** What is used of an ioredis client that only subscribes. */
export interface IoredisSubscriber {
  call(command: string, ...args: string[]): Promise<unknown>
  subscribe(channel: string): Promise<unknown>
  on(event: 'message', listener: (channel: string, message: string) => void): unknown
}

/** What is used of a node-redis client that only subscribes. */
export interface NodeRedisSubscriber {
  sendCommand(...args: never[]): Promise<unknown>
  subscribe(channel: string, listener: () => void): Promise<unknown>
}

/** A connected client of either library that does nothing but subscribe. It stays the caller's. */
export type RedisSubscriber = IoredisSubscriber | NodeRedisSubscriber

/**
 * Wakes whoever asks when something was published on the channel. A hint: nothing is said where a message is lost, and
 * a subscription that fails says nothing either.
 */
export function createWakeUps(channel: string, subscriber: RedisSubscriber | undefined): (wake: () => void) => () => void {
  if (!subscriber) return () => () => {}
  const listeners = new Set<() => void>()
  let isSubscribed = false
  const wakeAll = (): void => {
    for (const wake of [...listeners]) wake()
  }

  async function subscribe(): Promise<void> {
    if (isSubscribed || !subscriber) return
    isSubscribed = true
    try {
      if ('call' in subscriber) {
        subscriber.on('message', (of) => of === channel && wakeAll())
        await subscriber.subscribe(channel)
      } else {
        await subscriber.subscribe(channel, wakeAll)
      }
    } catch {
      isSubscribed = false
    }
  }

  return (wake) => {
    const listener = (): void => wake()
    listeners.add(listener)
    void subscribe()
    return () => void listeners.delete(listener)
  }
}

/** What is used of a connection of its own to Postgres: a `Client` of `pg` fits. */
export interface ListenClient {
  /** Runs a statement. */
  query(statement: string): Promise<unknown>
  /** Tells of notifications, and of the connection's end. */
  on(event: 'notification' | 'error' | 'end', listener: () => void): unknown
  /** Closes the connection. */
  end(): Promise<unknown>
}

/** Opens a connection of its own to the same database, not one of a pool: it stays open and only listens. */
export type Listen = () => Promise<ListenClient>

const retryMs = 5_000

/**
 * A `subscribe` over `LISTEN`. Losing the connection loses hints, never entries: it is opened again after a while, and
 * `wake` is called then for whatever was missed.
 * @param channel A name of letters, digits and underscores.
 */
export function createListener(channel: string, listen: Listen): (wake: () => void) => () => void {
  return (wake) => {
    let isOver = false
    let client: ListenClient | undefined
    let timer: ReturnType<typeof setTimeout> | undefined

    function retry(): void {
      if (isOver || timer) return
      timer = setTimeout(() => {
        timer = undefined
        void connect()
      }, retryMs)
      timer.unref?.()
    }

    async function connect(): Promise<void> {
      try {
        const opened = await listen()
        if (isOver) return void (await opened.end())
        client = opened
        opened.on('notification', wake)
        opened.on('error', () => drop(opened))
        opened.on('end', () => drop(opened))
        await opened.query(`listen "${channel}"`)
        wake()
      } catch {
        if (client) drop(client)
        retry()
      }
    }

    function drop(dropped: ListenClient): void {
      if (client !== dropped) return
      client = undefined
      dropped.end().catch(() => undefined)
      retry()
    }

    void connect()
    return () => {
      isOver = true
      clearTimeout(timer)
      const open = client
      client = undefined
      open?.end().catch(() => undefined)
    }
  }
}

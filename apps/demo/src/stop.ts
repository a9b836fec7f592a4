import type { Server } from 'node:http'

/** How long requests that are under way may take to finish when the demo is told to stop. */
const patienceMs = 10_000

/**
 * On SIGTERM or SIGINT takes no new connections, lets requests that are under way finish, and then has nothing left to do.
 * @param serverOf Asked when that happens: a framework may make its server late.
 */
export function stopOnSignal(serverOf: () => Server | undefined, finish: () => Promise<void>): void {
  const stop = (): void => {
    const server = serverOf()
    if (!server) return void finish()
    const sweep = setInterval(() => server.closeIdleConnections(), 100)
    const patience = setTimeout(() => server.closeAllConnections(), patienceMs)
    server.close(() => {
      clearInterval(sweep)
      clearTimeout(patience)
      void finish()
    })
  }
  process.once('SIGTERM', stop).once('SIGINT', stop)
}

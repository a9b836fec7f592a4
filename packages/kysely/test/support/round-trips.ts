import { Socket } from 'node:net'

/** Counts round trips to Postgres. */
export interface RoundTrips {
  /** How many have ended so far, on all sockets. */
  count(): number
  /** Makes a socket whose round trips count. */
  readonly stream: () => Socket
}

const readyForQuery = 'Z'.charCodeAt(0)
/** The kind of a message and its length, which counts itself and not the kind. */
const headLength = 5

/**
 * Reads along what the server sends: it says that it is ready for the next query once at the start of a connection, and
 * once at the end of each round trip.
 */
export function countRoundTrips(): RoundTrips {
  let count = 0
  return {
    count: () => count,
    stream() {
      const socket = new Socket()
      count-- // The start of the connection.
      let unread = Buffer.alloc(0)
      socket.on('data', (chunk) => {
        unread = Buffer.concat([unread, chunk])
        while (unread.length >= headLength && unread.length >= 1 + unread.readInt32BE(1)) {
          if (unread[0] === readyForQuery) count++
          unread = unread.subarray(1 + unread.readInt32BE(1))
        }
      })
      return socket
    },
  }
}

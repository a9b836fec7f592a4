import { createServer, type RequestListener, type Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A server on a port of its own, for one test. */
export interface RealServer {
  readonly port: number
  readonly url: string
  readonly server: Server
}

/** Serves on a free port until the test ends. */
export async function listen(listener: RequestListener): Promise<RealServer> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return { port: address.port, url: `http://127.0.0.1:${address.port}`, server }
}

/** A connection on which a test writes bytes of its own. */
export interface RawConnection {
  readonly socket: Socket
  /** All that came so far. */
  received(): string
  /** Resolves once what came matches; rejects when the connection closes before. */
  until(pattern: RegExp): Promise<string>
  /** Resolves with all that came, once the server has closed. */
  closed: Promise<string>
}

/** Opens a connection. */
export function openRaw(port: number): RawConnection {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  const looks = new Set<() => void>()
  const look = (): void => {
    for (const each of looks) each()
  }
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    text += chunk
    look()
  })
  // A reset is a way of closing; what came before it is what tests look at.
  socket.on('error', () => undefined)
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(text)))
  onTestFinished(() => {
    socket.destroy()
  })
  return {
    socket,
    received: () => text,
    closed,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!pattern.test(text)) return
          looks.delete(check)
          resolve(text)
        }
        looks.add(check)
        void closed.then(() => reject(new Error(`closed before ${pattern}: ${text}`)))
        check()
      }),
  }
}

/** Sends one request, byte for byte, and resolves with the answer once the server has closed. */
export function exchangeRaw(port: number, ...lines: readonly string[]): Promise<string> {
  const connection = openRaw(port)
  connection.socket.write(`${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`, 'latin1')
  return connection.closed
}

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A way to a server that a test can lengthen, block and cut. */
export interface TcpProxy {
  readonly port: number
  /** Where connections lead from now on. Those that are open stay. */
  target: number
  /** How long each piece takes from the server to the client. */
  delayMs: number
  /** Cuts every connection. */
  cut(): void
  /** Lets nothing through in either direction, until the answer is called. */
  block(): () => void
  /** Accepts connections and cuts them at once, until the answer is called. */
  refuse(): () => void
  /**
   * Cuts a connection once what a client sends on it holds the text: that is let through, and its answer is lost.
   * Resolves when it has happened.
   */
  loseAnswerTo(text: string): Promise<void>
  /** Cuts each connection after so many more bytes from the server, wherever in an answer that is. */
  cutAfter(bytes: number): void
  close(): Promise<void>
}

interface Link {
  readonly client: Socket
  readonly server: Socket
}

/** Opens a proxy on a free port. */
export async function openProxy(target: number): Promise<TcpProxy> {
  const links = new Set<Link>()
  let isBlocked = false
  let isRefusing = false
  let unwanted: { readonly text: string; readonly done: () => void } | undefined
  let bytesLeft = Number.POSITIVE_INFINITY

  const listener = createServer((client) => {
    if (isRefusing) return void client.destroy()
    const server = connect(proxy.target, '127.0.0.1')
    const link = { client, server }
    let isLost = false
    links.add(link)
    for (const socket of [client, server]) {
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        links.delete(link)
        drop(link)
      })
      if (isBlocked) socket.pause()
    }
    client.on('data', (data) => {
      if (unwanted && data.includes(unwanted.text)) isLost = true
      server.write(data)
    })
    server.on('data', (data) => {
      if (isLost) {
        unwanted?.done()
        unwanted = undefined
        return drop(link)
      }
      const passed = data.subarray(0, Math.max(0, bytesLeft))
      bytesLeft -= data.length
      const isCut = bytesLeft <= 0
      const pass = (): void => void client.write(passed, () => isCut && drop(link))
      if (proxy.delayMs === 0) pass()
      else setTimeout(pass, proxy.delayMs)
      if (isCut) bytesLeft = Number.POSITIVE_INFINITY
    })
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()

  const proxy: TcpProxy = {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    target,
    delayMs: 0,
    cut() {
      for (const link of links) drop(link)
    },
    block() {
      isBlocked = true
      for (const { client, server } of links) for (const socket of [client, server]) socket.pause()
      return () => {
        isBlocked = false
        for (const { client, server } of links) for (const socket of [client, server]) socket.resume()
      }
    },
    refuse() {
      isRefusing = true
      proxy.cut()
      return () => {
        isRefusing = false
      }
    },
    loseAnswerTo: (text) =>
      new Promise((done) => {
        unwanted = { text, done }
      }),
    cutAfter(bytes) {
      bytesLeft = bytes
    },
    async close() {
      proxy.cut()
      listener.close()
    },
  }
  return proxy
}

function drop({ client, server }: Link): void {
  client.destroy()
  server.destroy()
}

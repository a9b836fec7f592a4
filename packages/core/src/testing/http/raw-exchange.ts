import { connect, type Socket } from 'node:net'

/** A header as it stands on a line. */
export type HeaderLine = readonly [name: string, value: string]

/** A request, byte for byte. */
export interface RawRequest {
  readonly method: string
  /** The request target, as it is. */
  readonly target: string
  readonly headers?: readonly HeaderLine[]
  /** Announced by `Content-Length`, unless a header says otherwise. */
  readonly body?: string | Uint8Array
}

/** An answer, line for line. */
export interface RawAnswer {
  readonly status: number
  /** In their order, names in lower case. */
  readonly lines: readonly HeaderLine[]
  readonly text: string
  /** Whether as much came as was announced. */
  readonly isWhole: boolean
  /** All lines of a header. */
  all(name: string): readonly string[]
  /** The body as an object; empty where it is none. */
  json(): Readonly<Record<string, unknown>>
}

/** The bytes of a request that closes its connection. */
export function requestBytes({ method, target, headers = [], body }: RawRequest): Buffer {
  const names = new Set(headers.map(([name]) => name.toLowerCase()))
  const own: HeaderLine[] = []
  if (!names.has('host')) own.push(['Host', 'app.example.com'])
  if (!names.has('connection')) own.push(['Connection', 'close'])
  const bytes = Buffer.from(body ?? '')
  if (body !== undefined && !names.has('content-length') && !names.has('transfer-encoding'))
    own.push(['Content-Length', String(bytes.length)])
  const head = [`${method} ${target} HTTP/1.1`, ...[...own, ...headers].map(([name, value]) => `${name}: ${value}`)]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), bytes])
}

/** Opens a connection to an app. */
export function openSocket(url: string): Socket {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''))
  // A reset is a way of closing; what came before it is what is looked at.
  socket.on('error', () => undefined)
  return socket
}

/** The connection ended before an answer began. */
export class ConnectionClosed extends Error {
  constructor(what: string) {
    super(`broken promise: ${what} was not answered: the connection closed`)
  }
}

/**
 * Sends one request and resolves with the answer. Sending ends as soon as an answer has come whole: a refused body need
 * not be read.
 */
export async function exchange(url: string, request: RawRequest, timeoutMs: number): Promise<RawAnswer> {
  const socket = openSocket(url)
  const received: Buffer[] = []
  const what = `${request.method} ${request.target}`
  try {
    return await new Promise<RawAnswer>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`broken promise: ${what} was not answered within ${timeoutMs} ms`)),
        timeoutMs,
      )
      const finish = (isClosed: boolean): void => {
        const answer = parseAnswer(Buffer.concat(received), request.method, isClosed)
        if (!answer && !isClosed) return
        clearTimeout(timer)
        if (answer) resolve(answer)
        else reject(new ConnectionClosed(what))
      }
      socket.on('data', (bytes: Buffer) => {
        received.push(bytes)
        finish(false)
      })
      socket.once('close', () => finish(true))
      socket.write(requestBytes(request))
    })
  } finally {
    socket.destroy()
  }
}

/** Reads an answer; `null` while it is not whole and may still become so. */
function parseAnswer(bytes: Buffer, method: string, isClosed: boolean): RawAnswer | null {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return null
  const [first = '', ...rest] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const status = Number(first.split(' ')[1])
  const after = bytes.subarray(end + 4)
  if (status >= 100 && status < 200) return parseAnswer(after, method, isClosed)
  const lines = rest.map((line): HeaderLine => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  const all = (name: string): readonly string[] => lines.flatMap(([each, value]) => (each === name ? [value] : []))
  const isEmpty = method === 'HEAD' || status === 204 || status === 304
  const { body, isWhole } = isEmpty ? { body: after, isWhole: true } : readBody(after, all, isClosed)
  if (!isWhole && !isClosed) return null
  const text = body.toString('utf8')
  return { status, lines, text, isWhole, all, json: () => parseObject(text) }
}

function readBody(
  bytes: Buffer,
  all: (name: string) => readonly string[],
  isClosed: boolean,
): { body: Buffer; isWhole: boolean } {
  if (all('transfer-encoding').some((value) => value.toLowerCase() === 'chunked')) return unchunk(bytes)
  const [length] = all('content-length')
  if (length === undefined) return { body: bytes, isWhole: isClosed }
  return { body: bytes.subarray(0, Number(length)), isWhole: bytes.length >= Number(length) }
}

function unchunk(bytes: Buffer): { body: Buffer; isWhole: boolean } {
  const parts: Buffer[] = []
  let at = 0
  for (;;) {
    const end = bytes.indexOf('\r\n', at)
    if (end < 0) return { body: Buffer.concat(parts), isWhole: false }
    const size = Number.parseInt(bytes.subarray(at, end).toString('latin1'), 16)
    if (size === 0) return { body: Buffer.concat(parts), isWhole: bytes.length >= end + 4 }
    parts.push(bytes.subarray(end + 2, end + 2 + size))
    at = end + 4 + size
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {} // Any object has such members.
  } catch {
    return {}
  }
}

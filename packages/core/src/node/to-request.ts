import type { IncomingMessage } from 'node:http'
import { announcesBody, encodeBody, type RequestBody, streamBody } from './request-body.js'

/** What a Web request needs beside the Node one. */
export interface ToRequestOptions {
  /** From `requestUrl`: on the configured origin. */
  readonly url: URL
  /** What a framework's parser made of the body, where one ran. It counts only if the stream was read. */
  readonly body?: unknown
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
}

/** The Web request that a Node request is. Its body is streamed, or is what a parser has already made of it. */
export function toRequest(req: IncomingMessage, { url, body: parsed, signal }: ToRequestOptions): Request {
  const method = req.method ?? 'GET'
  const headers = toHeaders(req.rawHeaders)
  const body = requestBody(req, parsed)
  if (typeof body === 'string' || body instanceof Uint8Array) dropFraming(headers)
  const init: RequestInit & { duplex: 'half' } = {
    method,
    headers,
    signal,
    duplex: 'half',
    ...(body === null ? {} : { body }),
  }
  return unnamable.has(method) ? withMethod(new Request(url, { headers, signal }), method) : new Request(url, init)
}

/** Methods that `Request` refuses to have and Node may deliver all the same (Fetch standard, section 2.2.1). */
const unnamable: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK'])

function withMethod(request: Request, method: string): Request {
  return Object.defineProperty(request, 'method', { value: method })
}

function requestBody(req: IncomingMessage, parsed: unknown): RequestBody | null {
  if (req.method === 'GET' || req.method === 'HEAD' || !announcesBody(req)) return null
  // Parsers leave `{}` behind for what they did not read, too.
  if (parsed === undefined || !req.readableDidRead) return streamBody(req)
  return encodeBody(parsed, req.headers['content-type'])
}

function toHeaders(raw: readonly string[]): Headers {
  const headers = new Headers()
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string
    // HTTP/2's pseudo-headers are no headers.
    if (!name.startsWith(':')) headers.append(name, raw[i + 1] as string)
  }
  return headers
}

/** A body written out again has another length, and is neither compressed nor chunked. */
function dropFraming(headers: Headers): void {
  for (const name of ['content-length', 'content-encoding', 'transfer-encoding']) headers.delete(name)
}

import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { announcesBody, encodeBody, type RequestBody, streamBody } from './request-body.js'

/** What a Web request needs beside the Node one. */
export interface ToRequestOptions {
  /** From `requestUrl`: on the configured origin. */
  readonly url: URL
  /**
   * What a framework's parser made of the body, where one ran. It counts only if the stream was read. A stream that is
   * not the request's own, as of a decompressor, is read instead.
   */
  readonly body?: unknown
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
}

/** The Web request that a Node request is. Its body is streamed, or is what a parser has already made of it. */
export function toRequest(req: IncomingMessage, { url, body: parsed, signal }: ToRequestOptions): Request {
  const method = req.method ?? 'GET'
  const headers = toHeaders(req.rawHeaders)
  const { body, isOwn } = requestBody(req, parsed)
  if (!isOwn) dropFraming(headers)
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

/** The body, and whether its bytes are those that the client sent. */
function requestBody(req: IncomingMessage, parsed: unknown): { body: RequestBody | null; isOwn: boolean } {
  if (req.method === 'GET' || req.method === 'HEAD' || !announcesBody(req)) return { body: null, isOwn: true }
  if (parsed instanceof Readable && parsed !== req) return { body: streamBody(parsed), isOwn: false }
  // Parsers leave `{}` behind for what they did not read, too.
  if (parsed === undefined || parsed === req || !req.readableDidRead) return { body: streamBody(req), isOwn: true }
  return { body: encodeBody(parsed, req.headers['content-type']), isOwn: false }
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

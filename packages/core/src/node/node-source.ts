import type { IncomingMessage } from 'node:http'
import type { RequestSource } from '../http/index.js'

/** The head of a Node request, of HTTP/1 or HTTP/2. */
export type NodeRequestHead = Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders' | 'socket'>

/**
 * The source that a Node request is. Repeated lines of a header are all seen: `req.headers` shows only the first line
 * of some and joins the lines of others.
 * @param ip The client's address, where the framework knows better than the socket.
 * @param url The request target, where the framework rewrote `req.url`.
 */
export function nodeSource(req: NodeRequestHead, ip?: string, url?: string): RequestSource {
  return {
    method: req.method ?? 'GET',
    url: url ?? req.url ?? '/',
    header: (name) => headerLines(req.rawHeaders, name),
    ip: ip ?? req.socket.remoteAddress,
  }
}

function headerLines(raw: readonly string[], name: string): string | readonly string[] | undefined {
  const lines: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    const candidate = raw[i] as string
    if (candidate.length === name.length && candidate.toLowerCase() === name) lines.push(raw[i + 1] as string)
  }
  return lines.length > 1 ? lines : lines[0]
}

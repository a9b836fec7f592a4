import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import type { Refusal } from '../http/index.js'

/**
 * Writes a Web response, and resolves when it is written or the client is gone. Cookies, challenges and `Vary` lines that
 * were set before stay beside the new ones. Writes nothing where an answer has begun.
 */
export async function sendResponse(res: ServerResponse, response: Response): Promise<void> {
  if (res.headersSent || res.destroyed) return response.body?.cancel().catch(() => undefined)
  res.statusCode = response.status
  writeHeaders(res, response.headers)
  if (!response.body) {
    res.end()
    return
  }
  try {
    // The same stream: the DOM's and Node's declarations of it differ.
    await pipeline(Readable.fromWeb(response.body as NodeReadableStream), res)
  } catch {
    // The connection is destroyed by now: half an answer does not look like a whole one.
  }
}

/** Writes a guard's refusal. Does nothing where an answer has begun. */
export function sendRefusal(res: ServerResponse, refusal: Refusal): void {
  if (res.headersSent) return
  res.statusCode = refusal.status
  writeHeaders(res, refusal.headers)
  res.setHeader('content-length', Buffer.byteLength(refusal.body))
  res.end(refusal.body)
}

const lists: ReadonlySet<string> = new Set(['set-cookie', 'vary', 'www-authenticate'])

/** Whether lines of a header that others wrote, as a CORS plugin, stay beside ours. @param name In lower case. */
export function keepsOthers(name: string): boolean {
  return lists.has(name)
}

function writeHeaders(res: ServerResponse, headers: Iterable<readonly [string, string]>): void {
  for (const [name, value] of headers) {
    if (keepsOthers(name)) res.appendHeader(name, value)
    else res.setHeader(name, value)
  }
}

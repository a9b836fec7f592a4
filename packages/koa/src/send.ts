import { Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import type { Refusal } from '@auth/core'
import { keepsOthers } from '@auth/core/node'
import type { KoaContext } from './koa-context.js'

/** Writes a refusal through Koa. Throwing it would lose the headers that others have set: Koa's handler of errors drops them. */
export function sendRefusal(ctx: KoaContext, { status, headers, body }: Refusal): void {
  send(ctx, status, headers, body)
}

/** Writes a Web response through Koa, which itself would join its cookies into one. */
export function sendResponse(ctx: KoaContext, { status, headers, body }: Response): void {
  // The same stream: the DOM's and Node's declarations of it differ.
  const stream = body && Readable.fromWeb(body as NodeReadableStream)
  // Koa 2 would let the client wait for the rest: half an answer is to be cut.
  stream?.once('error', () => ctx.headerSent && ctx.res.destroy())
  send(ctx, status, headers, stream)
}

function send(
  ctx: KoaContext,
  status: number,
  headers: Iterable<readonly [string, string]>,
  body: string | Readable | null,
): void {
  if (ctx.headerSent) return
  // First: it changes the status and takes away the type. And only then: it takes away the framing, so that half a stream
  // would look like a whole one.
  if (body === null) ctx.body = null
  ctx.status = status
  for (const [name, value] of headers) {
    if (keepsOthers(name)) ctx.append(name, value)
    else ctx.set(name, value)
  }
  if (body !== null) ctx.body = body
}

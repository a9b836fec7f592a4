import type { Refusal } from '@auth/core'
import { keepsOthers } from '@auth/core/node'
import type { GuardedReply } from './types.js'

/** Writes a refusal through Fastify, so that its hooks run and headers of other plugins stay. */
export function sendRefusal(reply: GuardedReply, { status, headers, body }: Refusal): void {
  // Bytes: to a text of type JSON, Fastify adds a charset.
  send(reply, status, headers, Buffer.from(body))
}

/** Writes a Web response through Fastify. */
export function sendResponse(reply: GuardedReply, response: Response): void {
  send(reply, response.status, response.headers, response.body ?? undefined)
}

type Lines = Iterable<readonly [string, string]>

function send(reply: GuardedReply, status: number, headers: Lines, payload: unknown): void {
  reply.code(status)
  for (const [name, value] of headers) reply.header(name, beside(reply, name, value))
  reply.send(payload)
}

/** Fastify itself keeps cookies that are there already, and no other list. */
function beside(reply: GuardedReply, name: string, value: string): string | string[] {
  const other = reply.getHeader(name)
  if (other === undefined || name === 'set-cookie' || !keepsOthers(name)) return value
  return [...[other].flat().map(String), value]
}

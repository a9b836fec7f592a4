import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Auth } from '../auth.js'
import { sendResponse } from './send-response.js'
import { type ToRequestOptions, toRequest } from './to-request.js'

/** How long what is left of a request is read after its answer. */
const restMs = 5000

/** What an adapter knows of a request that Node does not. */
export interface AnswerOptions extends Omit<ToRequestOptions, 'signal'> {
  /** The client's address. */
  readonly ip: string | undefined
}

/**
 * Hands a Node request to the SDK's routes; their answer is still to be written. A client that goes away aborts the
 * request's signal. A body larger than the routes read is discarded once the answer is written, so that the client
 * receives the refusal; one that does not end soon after ends with its connection.
 */
export function handleRequest(
  auth: Pick<Auth, 'handler'>,
  req: IncomingMessage,
  res: ServerResponse,
  { ip, ...options }: AnswerOptions,
): Promise<Response> {
  const client = new AbortController()
  const onClose = (): void => {
    if (!res.writableFinished) client.abort()
  }
  res.once('close', onClose)
  if (res.closed) onClose()
  res.once('finish', () => discardRest(req))
  return auth.handler(toRequest(req, { ...options, signal: client.signal }), { ip })
}

/** Lets the SDK's routes answer a Node request, and resolves when they have. */
export async function answerRequest(
  auth: Pick<Auth, 'handler'>,
  req: IncomingMessage,
  res: ServerResponse,
  options: AnswerOptions,
): Promise<void> {
  await sendResponse(res, await handleRequest(auth, req, res, options))
}

/**
 * Reads what is left of a request after its answer, for 5 s at most. Closing at once would reset the connection, and the
 * answer could be lost with it.
 */
export function discardRest(req: UnreadRequest): void {
  if (req.readableEnded || req.destroyed) return
  req.resume()
  if (req.complete) return
  const timer = setTimeout(() => req.destroy(), restMs).unref()
  req.once('close', () => clearTimeout(timer))
}

/** What of a request is looked at to discard it; those of HTTP/2 have it too. */
export interface UnreadRequest {
  readonly complete: boolean
  readonly readableEnded: boolean
  readonly destroyed: boolean
  resume(): unknown
  destroy(): unknown
  once(event: 'close', listener: () => void): unknown
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Auth } from '../auth.js'
import { AuthError } from '../errors.js'
import { answerRequest } from './answer-request.js'
import { requestUrl } from './request-url.js'
import { sendRefusal } from './send-response.js'

/** What a plain Node server needs of an `Auth`. */
export type NodeAuth = Pick<Auth, 'handler' | 'issuer' | 'refuse'>

/**
 * Serves the SDK's routes on a plain `node:http` server; any other path is a 404 problem.
 * @example
 * createServer(toNodeListener(auth)).listen(3000)
 */
export function toNodeListener(auth: NodeAuth): (req: IncomingMessage, res: ServerResponse) => void {
  const { origin } = new URL(auth.issuer)
  return (req, res) => {
    const url = requestUrl(req.url ?? '', origin)
    if (!url) return sendRefusal(res, auth.refuse(new AuthError('not_found')))
    answerRequest(auth, req, res, { url, ip: req.socket.remoteAddress }).catch((error: unknown) => {
      sendRefusal(res, auth.refuse(error))
    })
  }
}

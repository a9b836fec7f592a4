import type { PasswordOwner } from '../accounts/index.js'
import type { SignedIn } from './answers.js'
import { readCookie } from './cookies.js'
import { headerLines, type RequestSource } from './request-source.js'
import type { RouteCall } from './route.js'
import type { RouteTools } from './route-tools.js'
import type { Transport } from './schemas.js'

const userAgentLength = 256

/** How a session begins. */
export interface SessionBeginning {
  readonly transport: Transport
  /** What it comes of. A registration has an event of its own. */
  readonly by: 'login' | 'registration'
  /** When the person proved who they are. Default: now. */
  readonly authenticatedAt?: Date
}

/** Begins a session of somebody who has proved who they are, and answers with what carries it. */
export type SessionStart = (owner: PasswordOwner, how: SessionBeginning, call: RouteCall<unknown>) => Promise<Response>

/** Makes it. */
export function createSessionStart(tools: RouteTools): SessionStart {
  const { sessions, answers, clock, cookies, deviceMarks, issueAccess, newDevices } = tools

  /** A login in a browser takes the place of the one before: its cookie is overwritten, so its session ends. */
  async function endReplacedSession(source: RequestSource): Promise<void> {
    const old = readCookie(headerLines(source, 'cookie').join(';'), cookies.session)
    const sessionId = old ? await sessions.identify(old) : null
    if (sessionId) await sessions.end(sessionId, 'replaced')
  }

  return async ({ user, isKnownDevice }, { transport, by, authenticatedAt = clock.now() }, call) => {
    const carrier = transport === 'cookie' ? 'cookie' : 'refresh'
    const status = by === 'registration' ? 201 : 200
    const userAgent = headerLines(call.source, 'user-agent')[0]?.slice(0, userAgentLength)
    const carried = await sessions.start({ user, carrier, by, authenticatedAt, context: call, userAgent })
    const noted = newDevices.note({ session: carried.session, isKnownDevice })
    const deviceToken = await deviceMarks.issue(user.id, user.sessionEpoch, carried.session.id)
    const signedIn: SignedIn = { user, ...carried, deviceToken }
    if (transport === 'cookie') {
      await Promise.all([endReplacedSession(call.source), noted])
      return answers.cookie(signedIn, status)
    }
    const [access] = await Promise.all([issueAccess(user, carried.session), noted])
    return answers.tokens(signedIn, access, { status, withUser: true })
  }
}

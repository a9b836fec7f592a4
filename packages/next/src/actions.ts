import type { Auth } from '@auth/core'
import { cookies, headers } from 'next/headers.js'
import { redirect } from '#navigation'
import type { ActionOptions, ActionProblem, ActionRefusal, ActionUser, AuthActions } from './action-types.js'
import { ownPath } from './own-path.js'
import type { Receive } from './received.js'
import { keepCookie, sessionCookie } from './session-cookie.js'

const framing = ['content-length', 'content-encoding', 'transfer-encoding', 'next-action']

/** What server actions call. */
export function createActions(auth: Pick<Auth, 'handler' | 'issuer' | 'basePath'>, receive: Receive): AuthActions {
  const { origin } = new URL(auth.issuer)
  const { name: session, attributes } = sessionCookie(auth)

  async function call(path: string, body: object): Promise<Response> {
    const [given, jar] = await Promise.all([headers(), cookies()])
    const { headers: sent, ip } = receive('/', given)
    for (const name of framing) sent.delete(name)
    keepCookie(sent, session, jar.get(session)?.value)
    sent.set('content-type', 'application/json')
    const init = { method: 'POST', headers: sent, body: JSON.stringify(body) }
    const response = await auth.handler(new Request(`${origin}${auth.basePath}${path}`, init), { ip })
    for (const line of response.headers.getSetCookie()) {
      const { name, value, maxAge } = parseSetCookie(line)
      jar.set(name, value, { ...attributes, maxAge })
    }
    return response
  }

  async function signIn(
    path: string,
    names: readonly string[],
    given: object,
    options: ActionOptions = {},
  ): ReturnType<AuthActions['login']> {
    const response = await call(path, { ...fieldsOf(given, names), transport: 'cookie' })
    const answer: unknown = await response.json()
    if (!response.ok) return refusal(answer)
    const { user = null } = answer as { readonly user?: ActionUser } // As the route promises.
    if (user && options.redirectTo !== undefined) redirect(ownPath(options.redirectTo, origin))
    return { ok: true, user }
  }

  return {
    register: (given, options) => signIn('/register', ['email', 'password', 'name'], given, options),
    login: (given, options) => signIn('/login', ['email', 'password'], given, options),
    async logout({ redirectTo } = {}) {
      const response = await call('/logout', {})
      if (!response.ok) return refusal(await response.json())
      if (redirectTo !== undefined) redirect(ownPath(redirectTo, origin))
      return { ok: true }
    },
  }
}

function refusal(problem: unknown): ActionRefusal {
  return { ok: false, problem: problem as ActionProblem } // As every refusal is.
}

function fieldsOf(given: object, names: readonly string[]): object {
  const value = (name: string): unknown => (given instanceof FormData ? given.get(name) : Reflect.get(given, name))
  return Object.fromEntries(names.flatMap((name) => [[name, value(name) ?? undefined]]))
}

/** What differs between the SDK's cookies. */
function parseSetCookie(line: string): { readonly name: string; readonly value: string; readonly maxAge: number } {
  const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(line) ?? []
  return { name, value, maxAge: Number(/; Max-Age=(\d+)/.exec(line)?.[1]) }
}

import { publicUser } from '../../accounts/index.js'
import { AuthError } from '../../errors.js'
import { singleParameter } from '../query.js'
import { type Route, route } from '../route.js'
import type { RouteTools } from '../route-tools.js'
import { bodies } from '../schemas.js'

const reading = ['users:read']
const managing = ['users:manage']
const pageSize = 100
const placePattern = /^[\w.-]{1,64}$/

/** Everybody's accounts, for whoever manages users. */
export function userRoutes(tools: RouteTools): Route[] {
  const { rights, roles, answers, requireScopes } = tools

  return [
    route(
      'GET',
      '/users',
      bodies.none,
      async (call) => {
        const after = placeOf(call.source.url)
        await requireScopes(call, reading)
        const listed = await rights.list({ after, limit: pageSize + 1 })
        const users = listed.slice(0, pageSize)
        const next = listed.length > pageSize ? (users.at(-1)?.id ?? null) : null
        return answers.json({ users: users.map(publicUser), next })
      },
      { scopes: reading },
    ),
    route(
      'PUT',
      '/users/:id/roles',
      bodies.userRoles,
      async (call) => {
        const { principal } = await requireScopes(call, managing)
        checkDeclared(call.body.roles)
        await rights.setRoles(call.id, call.body.roles, { by: principal, ip: call.ip, route: call.route })
        return answers.empty()
      },
      { scopes: managing },
    ),
    route(
      'POST',
      '/users/:id/disable',
      bodies.none,
      async (call) => {
        const { principal } = await requireScopes(call, managing)
        await rights.disable(call.id, { by: principal, ip: call.ip, route: call.route })
        return answers.empty()
      },
      { scopes: managing },
    ),
  ]

  /** Which roles there are is told to those alone who may assign them. */
  function checkDeclared(names: readonly string[]): void {
    const issues = names.flatMap((name, index) =>
      roles.has(name) ? [] : [{ path: `roles.${index}`, code: 'unknown_role', message: 'is not a declared role' }],
    )
    if (issues.length > 0) throw new AuthError('validation_failed', { issues })
  }
}

/** The `after` of a list: the place where the page before ended. @throws AuthError `invalid_request` */
function placeOf(url: string): string | null {
  const after = singleParameter(new URL(url).searchParams, 'after')
  if (after !== null && !placePattern.test(after)) throw new AuthError('invalid_request')
  return after
}

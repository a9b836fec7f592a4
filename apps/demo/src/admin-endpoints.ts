import { z } from 'zod'
import { type DemoAuth, roles } from './auth.js'
import { type Endpoint, json } from './endpoints.js'
import { parse } from './parse.js'

const name = z.string().min(1).max(100)
const scope = z.string().regex(/^[\w-]+(:[\w-]+){0,3}$/, 'must be a scope such as read:orders')
const question = z
  .strictObject({ user: name, scope: scope.max(100).optional(), role: name.optional() })
  .refine((asked) => asked.scope ?? asked.role, { path: ['scope'], message: 'must be given, or a role' })

/** The back office: what administrators ask about roles. Assigning them is the SDK's own route. */
export function adminEndpoints(auth: DemoAuth): readonly Endpoint[] {
  const admins = { method: 'GET', access: { roles: ['admin'] } } as const
  return [
    {
      ...admins,
      path: '/api/admin',
      answer: ({ caller }) => json({ message: 'You are an administrator.', roles: caller().roles }),
    },
    {
      ...admins,
      path: '/api/admin/roles',
      answer() {
        const declared = roles.roleNames.map((role) => ({ name: role, scopes: roles.resolve([role]).scopes }))
        return json({ roles: declared, scopes: roles.scopeNames })
      },
    },
    {
      ...admins,
      path: '/api/admin/users/:id',
      answer: async ({ params }) => json(await auth.rbac.list(String(params.id))),
    },
    {
      ...admins,
      path: '/api/admin/explain',
      async answer({ query }) {
        const asked = parse(question, query)
        const requirement = {
          ...(asked.scope !== undefined && { scopes: [asked.scope] }),
          ...(asked.role !== undefined && { roles: [asked.role] }),
        }
        const explanation = await auth.rbac.explainUser(asked.user, requirement)
        return json({ allowed: explanation.allowed, parts: explanation.parts, text: String(explanation) })
      },
    },
  ]
}

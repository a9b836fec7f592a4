import type { ExpressAuth } from '@auth/express'
import { getAuth } from '@auth/express'
import { Router } from 'express'
import { z } from 'zod'
import { type DemoAuth, roles } from './auth.js'
import { parse } from './parse.js'

const name = z.string().min(1).max(100)
const scope = z.string().regex(/^[\w-]+(:[\w-]+){0,3}$/, 'must be a scope such as read:orders')
const question = z
  .strictObject({ user: name, scope: scope.max(100).optional(), role: name.optional() })
  .refine((asked) => asked.scope ?? asked.role, { path: ['scope'], message: 'must be given, or a role' })

/** The back office: what administrators ask about roles. Assigning them is the SDK's own route. */
export function adminRoutes(auth: DemoAuth, web: ExpressAuth<typeof roles>): Router {
  const router = Router()
  const admin = web.guard({ roles: ['admin'] })

  router.get('/', admin, (req, res) => {
    res.json({ message: 'You are an administrator.', roles: getAuth(req).roles })
  })
  router.get('/roles', admin, (_req, res) => {
    const declared = roles.roleNames.map((role) => ({ name: role, scopes: roles.resolve([role]).scopes }))
    res.json({ roles: declared, scopes: roles.scopeNames })
  })
  router.get('/users/:id', admin, async (req, res) => {
    res.json(await auth.rbac.list(String(req.params.id)))
  })
  router.get('/explain', admin, async (req, res) => {
    const { user, scope, role } = parse(question, req.query)
    const requirement = { ...(scope !== undefined && { scopes: [scope] }), ...(role !== undefined && { roles: [role] }) }
    const explanation = await auth.rbac.explainUser(user, requirement)
    res.json({ allowed: explanation.allowed, parts: explanation.parts, text: String(explanation) })
  })
  return router
}

import type { Principal } from '@auth/core'
import type { Verifier } from '@auth/core/verify'
import { type ExpressAuth, expressAuth, getAuth, peekAuth } from '@auth/express'
import express from 'express'
import type { TestRoles } from './support.js'

declare const web: ExpressAuth<TestRoles>
const app = express()

// Names are those of the declared roles.
web.guard({ scopes: ['read:orders'], roles: ['user', 'admin'] })
// @ts-expect-error a misspelt scope
web.guard({ scopes: ['raed:orders'] })
// @ts-expect-error a misspelt role
web.guard({ roles: ['amdin'] })
// @ts-expect-error a misspelt part
web.guard({ scope: ['read:orders'] })

// A guard leaves the types of a route's parameters as its path has them.
app.get('/orders/:id', web.guard(), web.optional(), web.public(), (req, res) => {
  const id: string = req.params.id
  const auth: Principal | undefined = req.auth
  const principal: Principal = getAuth(req)
  const perhaps: Principal | null = peekAuth(req)
  // @ts-expect-error a principal cannot be made by hand
  req.auth = { kind: 'user', subject: 'x', roles: [], scopes: [], via: 'bearer' }
  res.json({ id, auth, principal, perhaps })
})
app.use(web.routes(), web.errors())
app.use('/auth', web.routes())

// A verifier stands before routes and has none to serve.
declare const verifier: Verifier<TestRoles>
const guards = expressAuth(verifier)
app.get('/orders', guards.guard({ scopes: ['read:orders'] }), guards.optional(), guards.public(), guards.errors())
// @ts-expect-error a misspelt scope
guards.guard({ scopes: ['raed:orders'] })
// @ts-expect-error no routes
guards.routes()

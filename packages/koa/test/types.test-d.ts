import type { Principal } from '@auth/core'
import type { Verifier } from '@auth/core/verify'
import { getAuth, type KoaAuth, koaAuth, peekAuth } from '@auth/koa'
import Router from '@koa/router'
import Koa from 'koa'
import type { TestRoles } from './support.js'

declare const web: KoaAuth<TestRoles>

// Names are those of the declared roles.
web.guard({ scopes: ['read:orders'], roles: ['user', 'admin'] })
// @ts-expect-error a misspelt scope
web.guard({ scopes: ['raed:orders'] })
// @ts-expect-error a misspelt role
web.guard({ roles: ['amdin'] })
// @ts-expect-error a misspelt part
web.guard({ scope: ['read:orders'] })

// Whatever the state of an app and its routes is, a guard leaves it as it is.
interface State {
  auth?: Principal
  requestId: string
}
const app = new Koa<State>()
app.use(web.errors()).use(web.routes()).use(web.guard())
const router = new Router<State>()
router.get('/orders/:id', web.guard(), web.optional(), web.public(), (ctx) => {
  const id: string | undefined = ctx.params.id
  const requestId: string = ctx.state.requestId
  const auth: Principal | undefined = ctx.state.auth
  const principal: Principal = getAuth(ctx)
  const perhaps: Principal | null = peekAuth(ctx)
  ctx.body = { id, requestId, auth, principal, perhaps }
})
app.use(router.routes())

// A verifier stands before routes and has none to serve.
declare const verifier: Verifier<TestRoles>
const guards = koaAuth(verifier)
app
  .use(guards.errors())
  .use(guards.guard({ scopes: ['read:orders'] }))
  .use(guards.optional())
  .use(guards.public())
// @ts-expect-error a misspelt scope
guards.guard({ scopes: ['raed:orders'] })
// @ts-expect-error no routes
guards.routes()

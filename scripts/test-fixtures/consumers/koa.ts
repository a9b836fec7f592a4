import { createAuthClient } from '@auth/client'
import { createAuth, defineRoles, memoryStores } from '@auth/core'
import { getAuth, koaAuth } from '@auth/koa'
import Router from '@koa/router'
import Koa from 'koa'

export const client = createAuthClient({ baseUrl: 'http://localhost:3000' })
export const roles = defineRoles({ user: { scopes: ['read:orders'] }, admin: { inherits: ['user'], scopes: ['*'] } })
const secret = crypto.randomUUID()
export const auth = createAuth({
  issuer: 'http://localhost:3000',
  secret,
  stores: memoryStores(),
  roles,
  defaultRole: 'user',
})
export const web = koaAuth(auth)
export const guard = web.guard({ scopes: ['read:orders'] })

const router = new Router()
router.get('/orders', guard, (ctx) => {
  ctx.body = { owner: getAuth(ctx).subject }
})
const app = new Koa()
app.use(web.errors())
app.use(web.routes())
app.use(router.routes())
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(`port ${typeof address === 'object' ? address?.port : address}`)
})

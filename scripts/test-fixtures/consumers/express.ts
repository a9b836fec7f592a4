import { createAuthClient } from '@auth/client'
import { createAuth, defineRoles, memoryStores } from '@auth/core'
import { expressAuth, getAuth } from '@auth/express'
import express from 'express'

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
export const web = expressAuth(auth)
export const guard = web.guard({ scopes: ['read:orders'] })

const app = express()
app.use(web.routes())
app.get('/orders', guard, (req, res) => void res.json({ owner: getAuth(req).subject }))
app.use(web.errors())
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(`port ${typeof address === 'object' ? address?.port : address}`)
})

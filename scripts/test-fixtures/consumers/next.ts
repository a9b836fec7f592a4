import { createServer } from 'node:http'
import { createAuthClient } from '@auth/client'
import { createAuth, defineRoles, memoryStores } from '@auth/core'
import { toRequest } from '@auth/core/node'
import { getAuth, nextAuth } from '@auth/next'
import { register } from '@auth/next/instrumentation'
import { NextRequest } from 'next/server.js'

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
export const web = nextAuth(auth)
export const GET = web.guard({ scopes: ['read:orders'] }, (request) => Response.json({ owner: getAuth(request).subject }))
export const proxy = web.proxy({ signInPage: '/sign-in' })
export const page = async () => (await web.principalOrRedirect('/sign-in', { roles: ['admin'] })).subject
export const signIn = (form: FormData) => web.actions.login(form, { redirectTo: '/' })

// What Next does with the handlers of an app that is built: packages/next/test does that.
register()
const server = createServer(async (req, res) => {
  const url = new URL(req.url ?? '/', 'http://localhost')
  const request = new NextRequest(toRequest(req, { url, signal: new AbortController().signal }))
  const isOrders = url.pathname === '/orders'
  const answer = isOrders ? await GET(request, { params: Promise.resolve({}) }) : await web.handlers.POST(request)
  res.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
}).listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(`port ${typeof address === 'object' ? address?.port : address}`)
})

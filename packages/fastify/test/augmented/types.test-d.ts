import type { Principal } from '@auth/core'
import { fastifyAuth, getAuth, peekAuth } from '@auth/fastify'
import fastify from 'fastify'
import { type TestRoles, testAuth } from '../support.js'

declare module '@auth/fastify' {
  interface FastifyAuthTypes {
    auth: import('@auth/core').Auth<TestRoles>
  }
}

const app = fastify()
app.register(fastifyAuth, { auth: testAuth(), prefix: '/auth', decorator: 'auth' })
// @ts-expect-error there is no Auth
app.register(fastifyAuth, {})

// Names are those of the declared roles.
app.authGuard({ scopes: ['read:orders'], roles: ['user', 'admin'] })
// @ts-expect-error a misspelt scope
app.authGuard({ scopes: ['raed:orders'] })
// @ts-expect-error a misspelt role
app.authGuard({ roles: ['amdin'] })
// @ts-expect-error a misspelt part
app.authGuard({ scope: ['read:orders'] })
// @ts-expect-error a misspelt scope
app.get('/config', { config: { auth: { scopes: ['raed:orders'] } } }, () => '')

// A guard leaves the types of a route as they are, at whichever stage it stands.
app.get<{ Params: { id: string }; Querystring: { page?: string } }>(
  '/orders/:id',
  {
    onRequest: app.authGuard(),
    preHandler: [app.authOptional(), app.authPublic()],
    config: { auth: { scopes: ['read:orders'] } },
  },
  async (request) => {
    const id: string = request.params.id
    const auth: Principal | undefined = request.auth
    const principal: Principal = getAuth(request)
    const perhaps: Principal | null = peekAuth(request)
    // @ts-expect-error a principal cannot be made by hand
    request.auth = { kind: 'user', subject: 'x', roles: [], scopes: [], via: 'bearer' }
    return { id, auth, principal, perhaps }
  },
)
app.addHook('onRequest', app.authGuard())
app.setErrorHandler(app.authErrors())

const http2 = fastify({ http2: true })
http2.get('/', { onRequest: http2.authGuard() }, (request) => getAuth(request).subject)

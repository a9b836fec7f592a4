import type { Principal, Requirement } from '@auth/core'
import type { Verifier } from '@auth/core/verify'
import { type AppRequirement, fastifyAuth, getAuth } from '@auth/fastify'
import fastify from 'fastify'
import { testAuth } from './support.js'

const app = fastify()
app.register(fastifyAuth, { auth: testAuth() })

// Until the application tells of its roles, any name is taken.
const requirement: AppRequirement = { scopes: ['read:anything'], roles: ['anyone'] } satisfies Requirement
app.get('/', { onRequest: app.authGuard(requirement) }, (request): Principal => getAuth(request))
// @ts-expect-error a misspelt part
app.authGuard({ scope: ['read:orders'] })

// A service that accepts another's tokens registers what verifies them.
declare const verifier: Verifier
app.register(fastifyAuth, { auth: verifier })

import { AuthError } from '@auth/core'
import { z } from 'zod'
import type { DemoAuth } from './auth.js'
import { type Endpoint, json } from './endpoints.js'
import { parse } from './parse.js'

const id = z.string().min(1).max(128)
const overlap = z.int().min(0).max(86_400).default(0)
const newClient = z.strictObject({ name: z.string(), redirectUri: z.string() })
const rotation = z.strictObject({ id, overlap })
const removal = z.strictObject({ id })

/** The registered OAuth apps, for administrators. The SDK has functions for this and no routes: who may register apps is the application's to say. */
export function clientEndpoints(auth: DemoAuth): readonly Endpoint[] {
  const { clients } = auth.oauth
  const access = { roles: ['admin'], allow: ['bearer', 'cookie'], recent: 3600 } as const
  return [
    {
      method: 'GET',
      path: '/api/admin/clients',
      access: { roles: ['admin'] },
      answer: async () => json({ clients: await clients.list({ limit: 100 }) }),
    },
    {
      method: 'POST',
      path: '/api/admin/clients',
      access,
      async answer({ body }) {
        const { name, redirectUri } = parse(newClient, body)
        const grants = ['authorization_code', 'refresh_token'] as const
        const scopes = ['read:orders', 'write:orders'] as const
        return json(await clients.create({ name, redirectUris: [redirectUri], grants, scopes }), 201)
      },
    },
    {
      method: 'POST',
      path: '/api/admin/clients/rotate',
      access,
      async answer({ body }) {
        const { id, overlap } = parse(rotation, body)
        return json(await clients.rotateSecret(id, { overlap }))
      },
    },
    {
      method: 'POST',
      path: '/api/admin/clients/remove',
      access,
      async answer({ body }) {
        if (!(await clients.remove(parse(removal, body).id))) throw new AuthError('not_found')
        return { status: 204, type: '', body: '' }
      },
    },
  ]
}

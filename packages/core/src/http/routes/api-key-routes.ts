import type { ApiKey, ApiKeyService, IssuedApiKey } from '../../api-keys/index.js'
import { type Route, route } from '../route.js'
import type { RouteTools } from '../route-tools.js'
import { bodies } from '../schemas.js'

/** What people do with their own API keys. None of it can be done with a key. */
export function apiKeyRoutes(tools: RouteTools, keys: ApiKeyService): Route[] {
  const { answers, requireUser } = tools

  return [
    route('POST', '/api-keys', bodies.createApiKey, async (call) => {
      const { user, context } = await requireUser(call)
      const { expiresIn: expiresInSeconds, ...wish } = call.body
      return answers.json(viewIssued(await keys.create(user, { ...wish, expiresInSeconds }, context)), 201)
    }),
    route('GET', '/api-keys', bodies.none, async (call) => {
      const { user } = await requireUser(call)
      return answers.json({ apiKeys: (await keys.list(user.id)).map(viewKey) })
    }),
    route('DELETE', '/api-keys/:id', bodies.none, async (call) => {
      const { user, context } = await requireUser(call)
      await keys.revoke(user.id, call.id, context)
      return answers.empty()
    }),
    route('POST', '/api-keys/:id/rotate', bodies.rotateApiKey, async (call) => {
      const { user, context } = await requireUser(call)
      return answers.json(viewIssued(await keys.rotate(user.id, call.id, call.body.overlap, context)), 201)
    }),
  ]
}

function viewIssued({ id, key, prefix, name, scopes, createdAt, expiresAt }: IssuedApiKey): object {
  return { id, key, prefix, name, scopes, createdAt, expiresAt }
}

function viewKey({ id, prefix, name, scopes, createdAt, expiresAt, lastUsedAt, revokedAt }: ApiKey): object {
  return { id, prefix, name, scopes, createdAt, expiresAt, lastUsedAt, revokedAt }
}

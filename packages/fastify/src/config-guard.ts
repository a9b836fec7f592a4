import type { FastifyInstance } from 'fastify'
import type { Hooks } from './guard.js'
import type { AppRequirement, AuthHook } from './types.js'

/**
 * Guards each route of the context, and of those within it, that has a requirement at `config.auth`. The guard stands
 * behind all `onRequest` hooks, so that headers of CORS plugins are there whichever was registered first.
 */
export function guardByConfig(app: FastifyInstance, hooks: Hooks): ConfigGuards {
  const guards = new WeakMap<object, AuthHook>()

  function guardOf(config: { readonly auth?: AppRequirement }): AuthHook | null {
    if (config.auth === undefined) return null
    const guard = guards.get(config) ?? hooks.guard(config.auth)
    guards.set(config, guard)
    return guard
  }

  app.addHook('onRoute', ({ config = {} }) => {
    // A mistake in a requirement ends the start.
    guardOf(config)
  })
  app.addHook('preParsing', async (request, reply) => {
    await guardOf(request.routeOptions.config)?.(request, reply)
  })
  return guardOf
}

/** The guard that a route's `config` asks for; `null` where it asks for none. */
export type ConfigGuards = (config: { readonly auth?: AppRequirement }) => AuthHook | null

import { type Auth, AuthError, ConfigError } from '@auth/core'
import { handleRequest, markGuard, requestUrl } from '@auth/core/node'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sendRefusal, sendResponse } from './send.js'

type RoutesAuth = Pick<Auth, 'handler' | 'issuer' | 'basePath' | 'rootPaths' | 'serves' | 'refuse'>

/**
 * Where the base path lies below the context that the plugin is registered in.
 * @throws ConfigError where the routes would not be served at the base path
 */
export function mountOf(basePath: string, app: FastifyInstance, prefix: string | undefined): string {
  if (prefix !== undefined && prefix !== basePath) throw wrongMount(`prefix is ${prefix}`, basePath)
  if (`${basePath}/`.startsWith(`${app.prefix}/`)) return basePath.slice(app.prefix.length)
  throw wrongMount(`the plugin is registered below ${app.prefix}`, basePath)
}

function wrongMount(what: string, basePath: string): ConfigError {
  const message = `${what}, but the basePath of createAuth is ${basePath}: they have to be the same`
  return new ConfigError([{ path: 'fastifyAuth', message }])
}

/** Serves the SDK's routes in contexts of their own, in which no body is parsed. */
export function serveRoutes(auth: RoutesAuth, app: FastifyInstance, mount: string): void {
  const serve = markGuard(createServe(auth), { kind: 'routes' })
  app.register(
    (scope, _options, done) => {
      serveAt(scope, ['', '/*'], serve)
      // Methods that Fastify has no routes for.
      if (mount !== '') scope.setNotFoundHandler(serve)
      done()
    },
    { prefix: mount },
  )
  // Below a prefix the root is out of reach.
  if (app.prefix !== '') return
  app.register((scope, _options, done) => {
    serveAt(scope, auth.rootPaths, serve)
    done()
  })
}

type Serve = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

function createServe(auth: RoutesAuth): Serve {
  const { origin } = new URL(auth.issuer)

  async function answer({ raw, ip, body }: FastifyRequest, reply: FastifyReply, url: URL): Promise<void> {
    try {
      sendResponse(reply, await handleRequest(auth, raw, reply.raw, { url, ip, body }))
    } catch (error) {
      sendRefusal(reply, auth.refuse(error))
    }
  }

  return async (request, reply) => {
    const url = requestUrl(request.raw.url ?? '', origin)
    if (url && auth.serves(url.pathname)) {
      await answer(request, reply, url)
    } else {
      sendRefusal(reply, auth.refuse(new AuthError('not_found')))
    }
    return reply
  }
}

function serveAt(scope: FastifyInstance, paths: readonly string[], serve: Serve): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  scope.setErrorHandler((error: unknown, request, reply) => {
    // Fastify judged the media type before the path and the method were looked at.
    if (isMediaType(error)) return serve(request, reply)
    throw error
  })
  for (const url of paths) scope.route({ method: scope.supportedMethods, url, exposeHeadRoute: false, handler: serve })
}

function isMediaType(error: unknown): boolean {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : null
  return code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' || code === 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE'
}

import { METHODS } from 'node:http'
import { ConfigError, type FoundRoute, type GuardMark } from '@auth/core'
import { guardMarkOf } from '@auth/core/node'
import { type Handler, type Layer, layersOf } from './router-layers.js'

/**
 * Every route of an app or of a `@koa/router`, those of routers within it included, each with what stands before its
 * handlers. Other middleware is no route.
 * @throws ConfigError where something of it cannot be looked into
 */
export function listRoutes(app: object): readonly FoundRoute[] {
  const found: FoundRoute[] = []
  const before: GuardMark[] = []
  for (const handler of middlewareOf(app)) {
    const mark = guardMarkOf(handler)
    const layers = mark ? null : layersOf(handler)
    if (mark?.kind === 'guard') before.push(mark)
    else if (mark?.kind === 'routes') found.push({ method: 'ALL', path: '*', marks: [mark] })
    else if (layers) found.push(...layers.flatMap((layer, i) => rowsOf(layer, [...before, ...marksAround(layers, i)])))
    else if (!mark && isMount(handler)) throw closed()
  }
  return found
}

function middlewareOf(app: object): readonly Handler[] {
  const middleware: unknown = Reflect.get(app, 'middleware')
  if (Array.isArray(middleware)) return middleware
  const routes: unknown = Reflect.get(app, 'routes')
  if (typeof routes === 'function' && Array.isArray(Reflect.get(app, 'stack')))
    return [Reflect.apply(routes, app, []) as Handler] // What a router gives to `app.use`.
  throw new ConfigError([{ path: 'matrix()', message: 'needs a Koa app or a router of @koa/router' }])
}

/** What a router lets stand before one of its routes. */
function marksAround(layers: readonly Layer[], at: number): readonly GuardMark[] {
  const route = layers[at]
  if (!route || route.runsAlone) return []
  // One that tells upper and lower case apart may let through what the route does not.
  const reaches = (layer: Layer): boolean => (route.isCaseSensitive || !layer.isCaseSensitive) && layer.covers(route.path)
  const standing = layers.slice(0, at).filter((layer) => layer.methods.length === 0 && reaches(layer))
  return standing.flatMap(({ handlers }) => handlers.flatMap((handler) => guardMarkOf(handler) ?? []))
}

/** A route's rows: one for each of its methods. */
function rowsOf({ methods, path, handlers }: Layer, around: readonly GuardMark[]): readonly FoundRoute[] {
  const last = handlers.findLastIndex((handler) => guardMarkOf(handler) === null)
  if (last === -1) return []
  // What takes no `next` answers: one that stands behind it guards nothing.
  const answers = handlers.findIndex((handler) => guardMarkOf(handler) === null && handler.length < 2)
  const own = handlers.slice(0, answers === -1 ? last : answers).flatMap((handler) => guardMarkOf(handler) ?? [])
  const marks = [...around, ...own]
  if (METHODS.every((name) => methods.includes(name))) return [{ method: 'ALL', path: String(path), marks }]
  // A HEAD comes with each GET.
  const named = methods.filter((method) => method !== 'HEAD' || !methods.includes('GET'))
  return named.map((method) => ({ method, path: String(path), marks }))
}

/** Whether it is what koa-mount makes: it keeps what it mounts in a closure. */
function isMount(handler: Handler): boolean {
  return /\.mountPath\s*=/.test(Function.prototype.toString.call(handler))
}

function closed(): ConfigError {
  const message =
    'cannot look into what koa-mount mounts: use app.use(web.routes()) for the routes of the SDK, and router.use(path, other.routes()) of @koa/router for others'
  return new ConfigError([{ path: 'matrix()', message }])
}

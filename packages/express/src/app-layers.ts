import { ConfigError } from '@auth/core'

/** A path as Express takes it. */
export type RoutePath = string | RegExp

/** Whatever stands in a stack; of its type only this is known. */
export type Handler = (...given: never[]) => unknown

/** What of an entry of a router's stack is looked at. Express documents none of it: every field may be missing. */
interface Layer {
  readonly handle?: unknown
  readonly rawPath?: unknown
  readonly slash?: unknown
  readonly route?: unknown
  readonly method?: unknown
}

/** One entry of a router, in the order in which requests meet them. */
export type Entry =
  | {
      readonly kind: 'route'
      readonly paths: readonly RoutePath[]
      /** The route's own stack: each handler with the method that it is for, `null` for any. */
      readonly handlers: readonly { readonly method: string | null; readonly handle: Handler }[]
    }
  | { readonly kind: 'router'; readonly paths: readonly RoutePath[]; readonly router: object }
  | { readonly kind: 'middleware'; readonly paths: readonly RoutePath[]; readonly handle: Handler }

/** The entries of an app or a router. @throws ConfigError where it is neither, or too old to tell its paths */
export function entriesOf(router: object): readonly Entry[] {
  const stack = stackOf(router)
  if (!stack) throw problem('matrix()', 'needs an Express app or router')
  return stack.map(entryOf)
}

/** The stack of an app or a router. Reading an app's `router` makes one where it has none yet. */
function stackOf(router: object): readonly Layer[] | null {
  const stack: unknown = Reflect.get(router, 'stack')
  if (Array.isArray(stack)) return stack
  const own: unknown = typeof Reflect.get(router, 'set') === 'function' ? Reflect.get(router, 'router') : null
  return isObject(own) ? stackOf(own) : null
}

/** Whether a router tells upper and lower case apart. */
export function isCaseSensitive(router: object): boolean {
  if (Array.isArray(Reflect.get(router, 'stack'))) return Reflect.get(router, 'caseSensitive') === true
  const own: unknown = Reflect.get(router, 'router')
  return isObject(own) && isCaseSensitive(own)
}

function entryOf(layer: Layer): Entry {
  const { handle, route } = layer
  if (isObject(route)) return { kind: 'route', paths: pathsOf(Reflect.get(route, 'path')), handlers: handlersOf(route) }
  if (typeof handle !== 'function') throw tooOld()
  const paths = layer.rawPath === undefined && layer.slash === true ? ['/'] : pathsOf(layer.rawPath)
  const router = stackOf(handle) ? handle : mountedApp(handle)
  return router ? { kind: 'router', paths, router } : { kind: 'middleware', paths, handle: handle as Handler } // It is a function.
}

function handlersOf(route: object): Extract<Entry, { kind: 'route' }>['handlers'] {
  const stack: unknown = Reflect.get(route, 'stack')
  if (!Array.isArray(stack)) throw tooOld()
  return stack.map(({ handle, method }: Layer) => {
    if (typeof handle !== 'function') throw tooOld()
    return { method: typeof method === 'string' ? method.toUpperCase() : null, handle: handle as Handler } // It is a function.
  })
}

function pathsOf(path: unknown): readonly RoutePath[] {
  const paths: readonly unknown[] = Array.isArray(path) ? path.flat(Number.POSITIVE_INFINITY) : [path]
  return paths.map((each) => {
    if (typeof each === 'string' || each instanceof RegExp) return each
    throw tooOld()
  })
}

const halfway: unique symbol = Symbol('the app is known')

/**
 * The app behind a function with which Express mounts an app in another; `null` for any other function. It is kept in a
 * closure, but is the first thing that it tells of itself: on a request that is none, it goes no further than that.
 */
function mountedApp(handle: object): object | null {
  if (typeof handle !== 'function' || handle.name !== 'mounted_app') return null
  const request: object = Object.create({ app: { request: {}, response: {} } })
  const response = {
    setHeader: () => undefined,
    get locals(): never {
      throw halfway
    },
  }
  try {
    handle(request, response, () => undefined)
  } catch (error) {
    const app: unknown = error === halfway ? Reflect.get(request, 'app') : null
    if (isObject(app)) return app
  }
  throw problem('matrix()', 'cannot look into an app that is mounted here: mount an express.Router() in its place')
}

function tooOld(): ConfigError {
  return problem(
    'matrix()',
    'the package `router` that Express uses here does not tell the paths at which routers are mounted: update it to 2.3 or newer (npm update router)',
  )
}

function problem(path: string, message: string): ConfigError {
  return new ConfigError([{ path, message }])
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

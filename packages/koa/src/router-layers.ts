import { ConfigError } from '@auth/core'

/** Whatever stands in a chain; of its type only this is known. */
export type Handler = (...given: never[]) => unknown

/** One entry of a router, in the order in which requests meet them. Those of routers within it are its own. */
export interface Layer {
  /** In upper case; none where it is middleware. */
  readonly methods: readonly string[]
  readonly path: string | RegExp
  readonly handlers: readonly Handler[]
  /** Whether the router lets nothing else of it run for the same request. */
  readonly runsAlone: boolean
  /** Whether it tells upper and lower case apart. */
  readonly isCaseSensitive: boolean
  /** Whether every request for a path is one that this middleware gets too. In doubt it is not. */
  covers(path: string | RegExp): boolean
}

/** What of a layer is looked at. `@koa/router` documents little of it: every field may be missing. */
interface RawLayer {
  readonly methods?: unknown
  readonly path?: unknown
  readonly stack?: unknown
  readonly regexp?: unknown
  readonly opts?: { readonly end?: unknown; readonly sensitive?: unknown } | undefined
}

/** The entries of the router whose `routes()` a middleware is; `null` where it is none. @throws ConfigError where they cannot be told */
export function layersOf(middleware: object): readonly Layer[] | null {
  const router: unknown = Reflect.get(middleware, 'router')
  if (typeof router !== 'object' || router === null) return null
  const stack: unknown = Reflect.get(router, 'stack')
  if (!Array.isArray(stack)) throw unknownRouter()
  const runsAlone = Reflect.get(router, 'exclusive') === true
  return stack.map((layer: RawLayer) => layerOf(layer, runsAlone))
}

function layerOf({ methods, path, stack, regexp, opts }: RawLayer, runsAlone: boolean): Layer {
  const isKnown = Array.isArray(methods) && Array.isArray(stack) && regexp instanceof RegExp
  if (!isKnown || !(typeof path === 'string' || path instanceof RegExp)) throw unknownRouter()
  return {
    methods,
    path,
    handlers: stack,
    runsAlone,
    isCaseSensitive: opts?.sensitive === true,
    covers(other) {
      if (path instanceof RegExp || other instanceof RegExp) return false
      if (/:\w+\(/.test(path)) return false // A parameter with a pattern of its own, which takes some values only.
      const { known, isWhole } = knownPart(other)
      return (isWhole || opts?.end !== true) && regexp.test(known)
    },
  }
}

/** The segments that a pattern begins with and that are the same in all of its paths, or one parameter each. */
function knownPart(pattern: string): { readonly known: string; readonly isWhole: boolean } {
  const segments = pattern.replace(/\{\/.*$/, '').split('/')
  const end = segments.findIndex((segment) => !/^(:?\w+|[\w.~-]*)$/.test(segment))
  const known = (end === -1 ? segments : segments.slice(0, end)).join('/')
  return { known: known === '' ? '/' : known, isWhole: end === -1 && !pattern.includes('{') }
}

function unknownRouter(): ConfigError {
  const message = 'cannot read the routes of this router: use @koa/router 12 or newer'
  return new ConfigError([{ path: 'matrix()', message }])
}

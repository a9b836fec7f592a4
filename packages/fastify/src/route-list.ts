import { ConfigError, type FoundRoute } from '@auth/core'
import { guardMarkOf } from '@auth/core/node'
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { ConfigGuards } from './config-guard.js'

/** The hooks that run before a handler, in this order. */
const stages = ['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const

/** A route and the context that it was declared in. */
interface Declared {
  readonly options: RouteOptions
  /** As it was declared: Fastify goes on writing to the options, with the other spelling of a prefix's root. */
  readonly url: string
  readonly context: FastifyInstance
}

/** The routes of a context and of those within it. @throws ConfigError where it would not be all of them */
export type RouteList = () => readonly FoundRoute[]

/** Notes each route that is declared from here on. */
export function noteRoutes(app: FastifyInstance, ofConfig: ConfigGuards): RouteList {
  const declared: Declared[] = []
  let isReady = false
  // Those of CORS plugins may come first: they answer preflights alone.
  const isLate = /\((?!OPTIONS\))[A-Z, ]+\)/.test(app.printRoutes())
  app.addHook('onRoute', function note(options) {
    declared.push({ options, url: options.url, context: this })
  })
  app.addHook('onReady', async () => {
    isReady = true
  })
  return () => {
    if (isLate) throw problem('routes were declared before the plugin: register fastifyAuth first, and await it')
    if (!isReady) throw problem('plugins may still declare routes: await app.ready() before')
    const rows = declared.filter((route) => !isAdded(route, declared)).flatMap((route) => rowsOf(route, ofConfig))
    // Several routes serve the SDK's own, which are listed once.
    return rows.filter((row, i) => !isOwn(row) || rows.findIndex(isOwn) === i)
  }
}

/** Whether it is the HEAD that Fastify adds to a GET, with all that the GET has. */
function isAdded({ options, url, context }: Declared, declared: readonly Declared[]): boolean {
  if (options.method !== 'HEAD') return false
  const plain = (text: string): string => text.replace(/\/$/, '')
  return declared.some(
    ({ options: get, url: urlOfGet, context: around }) =>
      around === context &&
      [get.method].flat().includes('GET') &&
      plain(urlOfGet) === plain(url) &&
      get.handler === options.handler &&
      get.config?.auth === options.config?.auth &&
      stages.every((stage) => get[stage] === options[stage]),
  )
}

function isOwn({ marks }: FoundRoute): boolean {
  return marks.some(({ kind }) => kind === 'routes')
}

/** A route's rows: one for each of its methods. */
function rowsOf({ options, url, context }: Declared, ofConfig: ConfigGuards): readonly FoundRoute[] {
  const serves = guardMarkOf(options.handler)
  if (serves) return [{ method: 'ALL', path: '*', marks: [serves] }]
  const hooks: readonly object[] = [
    ...stages.flatMap((stage) => [...hooksOf(context, stage), ...[options[stage] ?? []].flat()]),
    ...[ofConfig(options.config ?? {}) ?? []].flat(),
  ]
  const marks = hooks.flatMap((hook) => guardMarkOf(hook) ?? [])
  const methods = [options.method].flat()
  const isAll = context.supportedMethods.every((name) => methods.includes(name))
  return (isAll ? ['ALL'] : methods).map((method) => ({ method, path: url, marks }))
}

/** The hooks of a context, those of contexts around it included. Fastify documents no way to them. */
function hooksOf(context: FastifyInstance, stage: string): readonly object[] {
  for (let at: object | null = context; at !== null; at = Reflect.getPrototypeOf(at)) {
    const key = Object.getOwnPropertySymbols(at).find(({ description }) => description === 'fastify.hooks')
    const hooks: unknown = key && Reflect.get(context, key)
    const found: unknown = typeof hooks === 'object' && hooks !== null ? Reflect.get(hooks, stage) : undefined
    if (Array.isArray(found)) return found
  }
  throw problem('this version of Fastify does not show its hooks: update @auth/fastify, or use Fastify 5.12')
}

function problem(message: string): ConfigError {
  return new ConfigError([{ path: 'matrix()', message }])
}

import { METHODS } from 'node:http'
import type { FoundRoute, GuardMark } from '@auth/core'
import { guardMarkOf } from '@auth/core/node'
import { type Entry, entriesOf, type Handler, isCaseSensitive, type RoutePath } from './app-layers.js'
import { covers, joined, mountWithin } from './mount-paths.js'

/** A guard of `use`, and the paths behind which it stands. */
interface Standing {
  readonly paths: readonly RoutePath[]
  readonly mark: GuardMark
}

/** A router, and what is known on the way to it. */
interface Place {
  readonly router: object
  /** Where it is mounted. */
  readonly prefix: string
  /** What stands before all of it. */
  readonly marks: readonly GuardMark[]
  /** What routers around it let stand before some of its paths. */
  readonly standing: readonly Standing[]
  /** The routers around it. */
  readonly around: readonly object[]
}

/**
 * Every route of an app or router, those of routers and apps within it included, each with what stands before its
 * handlers. Files served by `express.static`, and functions mounted at a path that never go on to the next, are listed
 * as `USE`; other middleware is no route.
 */
export function listRoutes(app: object): readonly FoundRoute[] {
  return routesIn({ router: app, prefix: '', marks: [], standing: [], around: [] })
}

function routesIn(place: Place): readonly FoundRoute[] {
  const found: FoundRoute[] = []
  const standing: Standing[] = [...place.standing]
  // What `use` declares public is what comes next: `use(public(), static(…))`. Routes say so themselves.
  let declared: readonly GuardMark[] = []
  const marksBefore = (path: RoutePath): readonly GuardMark[] => [
    ...place.marks,
    ...standing.filter(({ paths }) => paths.some((mount) => covers(mount, path))).map(({ mark }) => mark),
  ]

  for (const entry of entriesOf(place.router)) {
    const mark = entry.kind === 'middleware' ? guardMarkOf(entry.handle) : null
    if (mark?.kind === 'guard') standing.push({ paths: entry.paths, mark })
    else if (mark?.kind === 'routes') found.push({ method: 'ALL', path: '*', marks: [mark] })
    else if (mark) declared = [...declared, mark]
    if (mark || (entry.kind === 'middleware' && !isEndpoint(entry))) continue
    for (const path of entry.paths) {
      const marks = [...marksBefore(path), ...(entry.kind === 'route' ? [] : declared)]
      const prefix = joined(place.prefix, path)
      if (entry.kind === 'route') found.push(...routesOf(entry, prefix, marks))
      else if (entry.kind === 'middleware') found.push({ method: 'USE', path: joined(prefix, '/*'), marks })
      else found.push(...routesWithin(entry.router, { ...place, prefix, marks, standing }, path))
    }
    declared = []
  }
  return found
}

function routesWithin(router: object, place: Place, path: RoutePath): readonly FoundRoute[] {
  if (router === place.router || place.around.includes(router)) return []
  // One that tells upper and lower case apart may let through what a router within it does not.
  const reaching = isCaseSensitive(place.router) ? [] : place.standing
  const standing = reaching.map(({ paths, mark }) => ({
    mark,
    paths: paths.flatMap((mount) => mountWithin(path, mount) ?? []),
  }))
  return routesIn({ ...place, router, standing, around: [...place.around, place.router] })
}

/** A route's rows: one for each method that has a handler. */
function routesOf({ handlers }: Extract<Entry, { kind: 'route' }>, path: string, marks: readonly GuardMark[]): FoundRoute[] {
  const methods = new Set(handlers.map(({ method }) => method))
  const rows = [...methods].flatMap((method) => {
    const chain = handlers.filter((handler) => handler.method === null || handler.method === method)
    // What is for any method has a row of its own where it may be what answers.
    const isAnswered = chain.some(({ handle, method: own }) => own === method && mayAnswer(handle))
    return isAnswered ? [{ method: method ?? 'ALL', path, marks: [...marks, ...marksOf(chain)] }] : []
  })
  const [first] = rows
  return first && isAll(rows) ? [{ ...first, method: 'ALL' }] : rows
}

/** Whether it is what `app.all` makes: every method that there is, each alike. */
function isAll(rows: readonly FoundRoute[]): boolean {
  const marks = rows[0]?.marks ?? []
  const isAlike = rows.every((row) => row.marks.length === marks.length && row.marks.every((mark, i) => mark === marks[i]))
  return isAlike && METHODS.every((name) => rows.some(({ method }) => method === name))
}

/** The marks that something answers behind. One that stands behind what answers guards nothing. */
function marksOf(chain: readonly { readonly handle: Handler }[]): readonly GuardMark[] {
  const answers = chain.findIndex(({ handle }) => guardMarkOf(handle) === null && handle.length < 3)
  const last = chain.findLastIndex(({ handle }) => mayAnswer(handle))
  const end = answers === -1 ? last : answers
  return chain.slice(0, end).flatMap(({ handle }) => guardMarkOf(handle) ?? [])
}

function mayAnswer(handle: Handler): boolean {
  return guardMarkOf(handle) === null && handle.length < 4
}

function isEndpoint({ handle, paths }: Extract<Entry, { kind: 'middleware' }>): boolean {
  return handle.name === 'serveStatic' || (handle.length < 3 && !paths.includes('/'))
}

import type { RoutePath } from './app-layers.js'

/** A path behind a prefix, as it is shown. */
export function joined(prefix: string, path: RoutePath): string {
  if (typeof path !== 'string') return `${prefix}${path}`
  if (path === '/' && prefix !== '') return prefix
  const whole = `${prefix.replace(/\/$/, '')}${path.startsWith('/') ? '' : '/'}${path}`
  return whole === '' ? '/' : whole
}

/** Whether every request for `path` is one that `use(mount, …)` gets too. In doubt it is not. */
export function covers(mount: RoutePath, path: RoutePath): boolean {
  if (mount === '/') return true
  if (typeof mount !== 'string' || typeof path !== 'string') return false
  const inner = segmentsOf(path)
  return mountSegmentsOf(mount)?.every((segment, i) => contains(segment, inner[i] ?? '')) ?? false
}

/**
 * What `use(mount, …)` is to a router that is mounted beside it at `path`: to one at `/admin`, `use('/admin/users', …)` is as
 * `use('/users', …)` within. `null` where it stands before all of that router or none of it, or that cannot be told.
 */
export function mountWithin(path: RoutePath, mount: RoutePath): string | null {
  if (typeof mount !== 'string' || typeof path !== 'string' || path.includes('{')) return null
  const outer = segmentsOf(path)
  const inner = mountSegmentsOf(mount)
  if (!inner) return null
  const isBehind = inner.length > outer.length && outer.every((segment, i) => contains(inner[i] ?? '', segment))
  return isBehind ? `/${inner.slice(outer.length).join('/')}` : null
}

/** A part that may be missing at the end counts for nothing: `/orders{/:id}` is behind `/orders`, not behind `/orders/:id`. */
function segmentsOf(path: string): readonly string[] {
  return path
    .replace(/\{\/.*$/, '')
    .split('/')
    .filter((segment) => segment !== '')
}

/** `null` where what may be missing is followed by what may not: `{/:lang}/admin` is no prefix of anything for sure. */
function mountSegmentsOf(mount: string): readonly string[] | null {
  const known = mount.replace(/\{\/[^{}]*\}$/, '')
  return known.includes('{') ? null : segmentsOf(known)
}

/** Compared as spelled: a router may tell upper and lower case apart. */
function contains(outer: string, inner: string): boolean {
  if (isLiteral(outer)) return outer === inner
  return isParameter(outer) && (isLiteral(inner) || isParameter(inner))
}

function isLiteral(segment: string): boolean {
  return segment !== '' && !/[:*{}()[\]\\!?+]/.test(segment)
}

function isParameter(segment: string): boolean {
  return /^:\w+$/.test(segment)
}

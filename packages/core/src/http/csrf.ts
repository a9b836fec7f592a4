import { AuthError } from '../errors.js'
import { headerLines, type RequestSource } from './request-source.js'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/**
 * Whether a request asks for a change (RFC 9110, section 9.2.1), or for a WebSocket: browsers let any page open one with the
 * cookies of ours, and read what comes (RFC 6455, section 10.2).
 */
export function isUnsafe(source: RequestSource): boolean {
  if (!safeMethods.has(source.method)) return true
  return headerLines(source, 'upgrade').some((line) => /(?:^|[\s,])websocket(?:$|[\s,/])/i.test(line))
}

/**
 * Refuses a request that a foreign page may have sent with the user's cookie: it must come from the same origin, or
 * from an allowed one. Where the browser tells nothing at all, it is refused.
 * @throws AuthError `csrf_rejected`
 */
export function requireOwnPage(source: RequestSource, origins: ReadonlySet<string>): void {
  const { site, origin } = signals(source)
  if (site === 'same-origin') return
  const foreign = site === undefined || site === 'same-site' || site === 'cross-site'
  if (foreign && origin !== undefined && origins.has(origin)) return
  throw new AuthError('csrf_rejected')
}

/**
 * Refuses a request that says it comes from a foreign page. For routes without a credential that set one: programs
 * send neither header and pass, and so does what no page has sent (`none`).
 * @throws AuthError `csrf_rejected`
 */
export function refuseForeignPage(source: RequestSource, origins: ReadonlySet<string>): void {
  const { site, origin } = signals(source)
  if ((site === undefined || site === 'none') && origin === undefined) return
  requireOwnPage(source, origins)
}

function signals(source: RequestSource): { site: string | undefined; origin: string | undefined } {
  const [site, secondSite] = headerLines(source, 'sec-fetch-site')
  const [origin, secondOrigin] = headerLines(source, 'origin')
  if (secondSite !== undefined || secondOrigin !== undefined) throw new AuthError('csrf_rejected')
  return { site, origin }
}

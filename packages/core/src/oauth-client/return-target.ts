const longest = 512
/** As it stands in an address, where letters beyond ASCII take more room: an attempt's cookie has to hold it. */
const longestHref = 1024
/** A path or a whole URL: whatever else a parser would make a page of has no honest writer. */
const plain = /^(?:\/|https?:\/\/)[^\\\p{Cc}]*$/iu

/**
 * Where a browser goes after it has signed in: the target where it is a page of this deployment or of an origin that acts
 * with the user's cookie, else the deployment's own start. Judged by the URL parser, as browsers judge it; never fails.
 * @param target Path or URL as received, untrusted.
 */
export function returnTarget(target: string | null, issuer: URL, origins: ReadonlySet<string>): string {
  const fallback = new URL('/', issuer).href
  if (target === null || target.length > longest || !plain.test(target) || !URL.canParse(target, issuer)) return fallback
  const url = new URL(target, issuer)
  if (url.username || url.password || url.href.length > longestHref) return fallback
  return url.origin === issuer.origin || origins.has(url.origin) ? url.href : fallback
}

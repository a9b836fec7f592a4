/** A path on an origin. Whatever leads elsewhere, as what visitors write into `returnTo`, is `/`. */
export function ownPath(to: string, origin: string): string {
  const url = URL.canParse(to, origin) ? new URL(to, origin) : null
  // A path with two slashes at its beginning would be taken for a host; a `blob:` has an origin, and no path.
  if (url?.origin !== origin || !/^\/(?!\/)/.test(url.pathname)) return '/'
  return url.pathname + url.search + url.hash
}

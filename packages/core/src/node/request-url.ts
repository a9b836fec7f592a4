/**
 * The URL of a Node request on the configured origin; the `Host` header has no say in it. `null` where a URL would not
 * carry the path just as it came (`*`, dot segments, backslashes): such a second spelling names none of our routes.
 * @param target The request target, untrusted: a path and query, or in absolute form (RFC 9112, section 3.2.2).
 */
export function requestUrl(target: string, origin: string): URL | null {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '')
  // Put together as text: resolving `//login` against the origin would take `login` for the host.
  const text = origin + path
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  return url.pathname === path.split('?', 1)[0] ? url : null
}

/** The cookies the SDK sets. Their attributes never vary, or a browser would keep two of a name. */
export interface CookieNames {
  readonly session: string
  readonly device: string
  /** What the names of cookies begin with that each belong to one attempt to sign in at a provider. */
  readonly attemptPrefix: string
  /** Whether they are sent over TLS alone. */
  readonly secure: boolean
}

/** Cookie names for an issuer: `__Host-` ones, but on a plain-HTTP localhost, where browsers refuse those. */
export function cookieNames(issuer: URL): CookieNames {
  const secure = issuer.protocol === 'https:'
  const prefix = secure ? '__Host-' : ''
  return { session: `${prefix}session`, device: `${prefix}device`, attemptPrefix: `${prefix}signin-`, secure }
}

/** A `Set-Cookie` value; `maxAgeSeconds` 0 removes the cookie. The value is base64url, so nothing in it needs encoding. */
export function setCookie(names: CookieNames, name: string, value: string, maxAgeSeconds: number): string {
  const secure = names.secure ? '; Secure' : ''
  return `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly${secure}; SameSite=Lax`
}

/**
 * The value of one cookie in a `Cookie` header; `undefined` where it is absent. Two different values under one name,
 * as a neighbouring site can bring about, are `null`: nobody can tell which one is ours.
 */
export function readCookie(header: string, name: string): string | null | undefined {
  let found: string | undefined
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    if (equals < 0 || withoutBlanks(pair.slice(0, equals)) !== name) continue
    const value = withoutBlanks(pair.slice(equals + 1))
    if (found !== undefined && found !== value) return null
    found = value
  }
  return found
}

/** The cookies whose names begin with `prefix`, by the rest of the name: those that came once, `most` at most. */
export function readCookies(header: string, prefix: string, most: number): ReadonlyMap<string, string> {
  const names = new Set(header.split(';').map((pair) => withoutBlanks(pair.split('=', 1)[0] ?? '')))
  const found = new Map<string, string>()
  for (const name of names) {
    const value = name.startsWith(prefix) && found.size < most ? readCookie(header, name) : null
    if (value) found.set(name.slice(prefix.length), value)
  }
  return found
}

/**
 * Takes off the blanks that HTTP knows, and no other: to a browser a name that begins with U+00A0 has no `__Host-`
 * prefix, so that another host may set it.
 */
function withoutBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text[start])) start++
  while (end > start && isBlank(text[end - 1])) end--
  return text.slice(start, end)
}

function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\t'
}

/**
 * Why a redirect URI may not be registered; `null` where it may. `https`, `http` on a loopback address as a native app
 * needs it (RFC 8252, section 7.3), or a scheme that is a domain turned around, as in `com.example.app:/done` (section 7.1).
 */
export function redirectUriProblem(text: unknown): string | null {
  if (typeof text !== 'string' || text.length > 2048 || !/^[\x21-\x7e]+$/.test(text) || !URL.canParse(text))
    return 'must be an absolute URI of visible ASCII characters'
  const url = new URL(text)
  const scheme = text.slice(0, text.indexOf(':'))
  // What a parser would write in another way has two spellings, and matching compares texts.
  if (/[#*\\]/.test(text)) return 'must have no fragment, wildcard or backslash'
  if (scheme !== url.protocol.slice(0, -1)) return 'must have a scheme in small letters'
  if (url.username || url.password || /^[^/]*\/\/[^/?]*@/.test(text)) return 'must have no user or password'
  if (scheme === 'https') return text.startsWith('https://') && url.hostname ? null : 'must name a host'
  if (scheme === 'http')
    return loopback(text) || isLocalhost(text) ? null : 'must be https, or http on 127.0.0.1, [::1] or localhost'
  return /^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+$/.test(scheme) ? null : 'must have a scheme that is a domain turned around'
}

/** A loopback URI, taken apart around its port; `null` for any other URI. */
function loopback(text: string): { readonly before: string; readonly behind: string } | null {
  const [, before = '', port = '', behind = ''] =
    /^(http:\/\/(?:127\.0\.0\.1|\[::1\]))(?::(\d{1,5}))?([/?].*)?$/.exec(text) ?? []
  return before !== '' && Number(port) <= 65_535 ? { before, behind } : null
}

/** For a developer's own machine. Its port is as registered: the name may lead elsewhere (RFC 8252, section 8.3). */
function isLocalhost(text: string): boolean {
  return /^http:\/\/localhost(?::\d{1,5})?(?:[/?]|$)/.test(text)
}

/**
 * Whether a redirect URI is one that was registered: the same text, character by character (RFC 9700, section 4.1.3).
 * Of a registered loopback URI the port may be any, and nothing else (RFC 8252, section 7.3).
 */
export function isRegistered(presented: string, registered: readonly string[]): boolean {
  if (registered.includes(presented)) return true
  const own = loopback(presented)
  if (!own) return false
  return registered.some((text) => {
    const known = loopback(text)
    return known !== null && known.before === own.before && known.behind === own.behind
  })
}

/** The redirect URI with parameters added to its query; what stands there already stays as it is (RFC 6749, section 3.1.2). */
export function withParameters(redirectUri: string, parameters: Readonly<Record<string, string | null>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== null) query.set(name, value)
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${query}`
}

/** Why a text names no resource (RFC 8707, section 2); `null` where it does. */
export function resourceProblem(text: unknown): string | null {
  if (typeof text !== 'string' || text.length > 2048 || !/^[\x21-\x7e]+$/.test(text) || !URL.canParse(text))
    return 'must be an absolute URI'
  return text.includes('#') ? 'must have no fragment' : null
}

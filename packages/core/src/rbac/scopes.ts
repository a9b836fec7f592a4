const namePattern = /^[\w.-]+(?::[\w.-]+){0,3}$/
const policyPattern = /^(?:\*|[\w.-]+)(?::(?:\*|[\w.-]+)){0,3}$/
const maxScopeLength = 128

/** What grants every scope, of however many segments. */
const everything = '*'

/** Whether a text is the name of one scope, as in `read:orders`: one to four segments of letters, digits and `_.-`. */
export function isScopeName(text: unknown): text is string {
  return typeof text === 'string' && text.length <= maxScopeLength && namePattern.test(text)
}

/** Whether a text is a scope as policies write it: a name, of which any whole segment may be `*`. */
export function isScopePattern(text: unknown): text is string {
  return typeof text === 'string' && text.length <= maxScopeLength && policyPattern.test(text)
}

/**
 * Whether a granted scope covers a required one. `*` alone covers everything; elsewhere `*` stands for exactly one whole
 * segment. A required pattern is covered where everything is that it could stand for. What is malformed covers nothing
 * and is covered by nothing.
 */
export function matchScope(granted: string, required: string): boolean {
  return isScopePattern(required) && covers(granted, required)
}

/** Those of the required scopes that no granted scope covers. */
export function missingScopes(granted: readonly string[], required: readonly string[]): readonly string[] {
  return required.filter((wanted) => !granted.some((held) => matchScope(held, wanted)))
}

/**
 * The scopes that both the owner and the wish grant, sorted: what a credential may do that its owner wants to be able to
 * do `wanted`. Covers a scope exactly where both lists do. The work grows with the product of their lengths.
 */
export function narrowScopes(owned: readonly string[], wanted: readonly string[]): readonly string[] {
  const both = owned.flatMap((held) => wanted.map((wish) => intersection(held, wish)))
  return [...new Set(both.filter((scope) => scope !== null))].sort()
}

function covers(granted: string, required: string): boolean {
  if (granted === everything || granted === required) return true
  if (!granted.includes('*')) return false
  const segments = granted.split(':')
  const others = required.split(':')
  return segments.length === others.length && segments.every((segment, i) => segment === '*' || segment === others[i])
}

/** The one pattern that covers just what both cover; `null` where they have nothing in common. */
function intersection(a: string, b: string): string | null {
  if (!isScopePattern(a) || !isScopePattern(b)) return null
  if (a === everything) return b
  if (b === everything) return a
  const others = b.split(':')
  const segments = a.split(':').map((segment, i) => (segment === '*' ? others[i] : segment))
  const met = segments.join(':')
  return segments.length === others.length && covers(b, met) ? met : null
}

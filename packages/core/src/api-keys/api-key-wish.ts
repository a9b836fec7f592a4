import { AuthError, type ValidationIssue } from '../errors.js'
import { isScopePattern } from '../rbac/index.js'
import { isStorable } from '../shared/bytes.js'
import { parseNetwork } from '../shared/network.js'

/** What somebody wants of a key. */
export interface ApiKeyWish {
  /** For people; at most 100 characters. */
  readonly name: string
  /** At most 100. */
  readonly scopes: readonly string[]
  /** Networks (CIDR) or single addresses it may be used from, at most 100; absent: from anywhere. */
  readonly allowedIps?: readonly string[] | undefined
}

const longestName = 100
const mostEntries = 100

/**
 * The wish in the form it is stored in.
 * @throws AuthError `validation_failed`
 */
export function checkApiKeyWish({ name, scopes, allowedIps }: ApiKeyWish): Required<ApiKeyWish> {
  const issues = [
    ...(isName(name) ? [] : [{ path: 'name', code: 'invalid_value', message: nameMessage }]),
    ...listIssues('scopes', scopes, isScopePattern, 'must be a scope such as read:orders'),
    ...(allowedIps === undefined
      ? []
      : listIssues('allowedIps', allowedIps, isNetwork, 'must be a network such as 10.0.0.0/8')),
    ...(allowedIps?.length === 0 ? [{ path: 'allowedIps', code: 'too_short', message: 'must name a network' }] : []),
  ]
  if (issues.length > 0) throw new AuthError('validation_failed', { issues: issues.slice(0, 20) })
  return { name, scopes: [...new Set(scopes)], allowedIps: allowedIps && [...new Set(allowedIps)] }
}

const nameMessage = `must have 1 to ${longestName} characters and no control characters`

function isName(name: unknown): boolean {
  return typeof name === 'string' && /^\P{Cc}{1,100}$/u.test(name) && name.trim() !== '' && isStorable(name)
}

function isNetwork(text: unknown): boolean {
  return typeof text === 'string' && text.length <= 64 && parseNetwork(text) !== null
}

function listIssues(
  path: string,
  list: unknown,
  isRight: (item: unknown) => boolean,
  message: string,
): readonly ValidationIssue[] {
  if (!Array.isArray(list)) return [{ path, code: 'invalid_type', message: 'must be a list' }]
  if (list.length > mostEntries) return [{ path, code: 'too_long', message: `must have at most ${mostEntries} entries` }]
  return list.flatMap((item: unknown, i) =>
    isRight(item) ? [] : [{ path: `${path}.${i}`, code: 'invalid_value', message }],
  )
}

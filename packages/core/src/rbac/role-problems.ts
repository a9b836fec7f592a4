import type { ConfigProblem } from '../errors.js'
import { isScopeName, isScopePattern } from './scopes.js'

const roleName = /^[\w.:-]{1,64}$/
const nameRule = 'must have 1 to 64 letters, digits or any of _.:-'
const scopeRule = 'must be one to four segments such as read:orders, of letters, digits and _.-'

/** All that is wrong with declared roles. Trusts no type: applications in plain JavaScript call it too. */
export function roleProblems(definitions: unknown, more: unknown): ConfigProblem[] {
  if (!isRecord(definitions)) return [{ path: 'roles', message: 'must be an object with a definition for each role' }]
  const declared = new Map(Object.entries(definitions))
  const problems = [...declared].flatMap(([name, definition]) => definitionProblems(name, definition, declared))
  return [...problems, ...moreProblems(more), ...circles(declared)]
}

/** All roles that a role inherits, directly or not. Ends on circles too. */
export function inheritedBy(name: string, parents: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set<string>()
  const queue = [...(parents.get(name) ?? [])]
  for (const next of queue) {
    if (found.has(next)) continue
    found.add(next)
    for (const parent of parents.get(next) ?? []) queue.push(parent)
  }
  return found
}

function definitionProblems(name: string, definition: unknown, declared: ReadonlyMap<string, unknown>): ConfigProblem[] {
  const path = `roles.${name}`
  const problems: ConfigProblem[] = roleName.test(name) ? [] : [{ path: 'roles', message: `has a name that ${nameRule}` }]
  if (!isRecord(definition)) return [...problems, { path, message: 'must be an object with scopes, inherits or both' }]
  for (const field of Object.keys(definition)) {
    if (!['scopes', 'inherits'].includes(field)) problems.push({ path: `${path}.${field}`, message: 'is no part of a role' })
  }
  return [
    ...problems,
    ...listProblems(`${path}.scopes`, definition.scopes, isScopePattern, `${scopeRule}; * stands for a whole segment`),
    ...listProblems(`${path}.inherits`, definition.inherits, (parent) => isIn(declared, parent), 'is not a declared role'),
  ]
}

function moreProblems(more: unknown): ConfigProblem[] {
  if (more === undefined) return []
  if (!isRecord(more) || Object.keys(more).join() !== 'scopes')
    return [{ path: 'scopes', message: 'must be given as { scopes: […] }' }]
  return listProblems('scopes', more.scopes ?? null, isScopeName, `${scopeRule}, without wildcards`)
}

function listProblems(path: string, list: unknown, isRight: (item: unknown) => boolean, rule: string): ConfigProblem[] {
  if (list === undefined) return []
  if (!Array.isArray(list)) return [{ path, message: 'must be a list' }]
  return Array.from(list, (item: unknown, i): ConfigProblem | null => {
    if (!isRight(item)) return { path: `${path}.${i}`, message: rule }
    return list.indexOf(item) < i ? { path: `${path}.${i}`, message: 'is there twice' } : null
  }).filter((problem) => problem !== null)
}

function circles(declared: ReadonlyMap<string, unknown>): ConfigProblem[] {
  const parents = new Map([...declared].map(([name, definition]) => [name, parentsIn(definition)]))
  return [...declared.keys()]
    .filter((name) => inheritedBy(name, parents).has(name))
    .map((name) => ({ path: `roles.${name}.inherits`, message: 'leads back to the role itself' }))
}

function parentsIn(definition: unknown): readonly string[] {
  const inherits = isRecord(definition) ? definition.inherits : []
  return Array.isArray(inherits) ? inherits.filter((parent) => typeof parent === 'string') : []
}

function isIn(declared: ReadonlyMap<string, unknown>, name: unknown): boolean {
  return typeof name === 'string' && declared.has(name)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

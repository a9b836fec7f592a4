import { ConfigError, type ConfigProblem } from '../errors.js'
import { isPlainObject } from '../shared/plain-object.js'
import type { CredentialKind } from './principal.js'
import type { Requirement } from './requirement.js'
import type { Roles } from './roles.js'
import { isScopeName } from './scopes.js'

/** Requirements that were found to be sound. Only this file adds to it, so that they need no second look. */
const sound = new WeakSet<object>()

/**
 * Checks a requirement when a guard is made: a role or scope that nobody declared, an empty list or an unknown field
 * would otherwise be a guard that lets nobody through, or everybody. Answers a frozen copy.
 * @param roles What is declared; `null` where that is not known here, so that names are only looked at for their form.
 * @throws ConfigError with all that is wrong
 */
export function checkRequirement<Context>(
  requirement: Requirement<string, string, Context>,
  roles: Roles | null,
): Requirement<string, string, Context> {
  const copy: Requirement<string, string, Context> = copyOf(requirement)
  const problems = problemsOf(requirement, copy, roles)
  if (problems.length > 0) throw new ConfigError(problems)
  sound.add(copy)
  return copy
}

/**
 * A requirement that can be decided on: the same one where it was checked before, else a frozen copy, else `null`.
 * Whether its names are declared is not asked: undeclared ones are met by nobody but the holder of a wildcard.
 */
export function soundRequirement<Context>(
  requirement: Requirement<string, string, Context>,
): Requirement<string, string, Context> | null {
  if (sound.has(requirement)) return requirement
  const copy: Requirement<string, string, Context> = copyOf(requirement)
  return problemsOf(requirement, copy, null).length === 0 ? copy : null
}

type FieldCheck = (value: unknown, path: string, roles: Roles | null) => readonly ConfigProblem[]

const checks: Readonly<Record<keyof Requirement, FieldCheck>> = {
  roles: (value, path, roles) =>
    listProblems(value, path, (name) => typeof name === 'string' && (roles?.has(name) ?? true), 'is not a declared role'),
  scopes: (value, path, roles) =>
    listProblems(value, path, (name) => isScopeName(name) && (roles?.hasScope(name) ?? true), 'is not a declared scope'),
  allow: (value, path) => listProblems(value, path, isCredentialKind, 'must be bearer, cookie or api-key'),
  recent: (value, path) =>
    typeof value === 'number' && Number.isFinite(value) && value >= 0
      ? []
      : [{ path, message: 'must be a number of seconds, 0 or more' }],
  check: (value, path) => (typeof value === 'function' ? [] : [{ path, message: 'must be a function' }]),
}

const fields = Object.keys(checks) as (keyof Requirement)[] // The table names them all.

function problemsOf(
  given: unknown,
  copy: Requirement<string, string, never>,
  roles: Roles | null,
): readonly ConfigProblem[] {
  if (!isPlainObject(given)) return [{ path: 'requirement', message: 'must be a plain object' }]
  const unknown = Object.keys(given)
    .filter((name) => !Object.hasOwn(checks, name))
    .map((name) => ({ path: `requirement.${name}`, message: 'is no part of a requirement' }))
  // A field that is there and undefined is a mistake: what was meant to restrict does not.
  const wrong = fields.flatMap((name) => (name in copy ? checks[name](copy[name], `requirement.${name}`, roles) : []))
  return [...unknown, ...wrong]
}

/** Reads every field once, inherited ones too: a field can only restrict, and none may be lost. */
function copyOf<Context>(given: unknown): Requirement<string, string, Context> {
  if (typeof given !== 'object' || given === null) return {}
  const entries = fields
    .filter((name) => name in given)
    .map((name) => {
      const value: unknown = Reflect.get(given, name)
      return [name, Array.isArray(value) ? Object.freeze([...value]) : value] as const
    })
  return Object.freeze(Object.fromEntries(entries))
}

function listProblems(
  list: unknown,
  path: string,
  isRight: (item: unknown) => boolean,
  message: string,
): readonly ConfigProblem[] {
  if (!Array.isArray(list) || list.length === 0) return [{ path, message: 'must be a list of at least one' }]
  return list.flatMap((item: unknown, i) => (isRight(item) ? [] : [{ path: `${path}.${i}`, message }]))
}

const credentialKinds: readonly CredentialKind[] = ['bearer', 'cookie', 'api-key']

function isCredentialKind(value: unknown): boolean {
  return credentialKinds.some((kind) => kind === value)
}

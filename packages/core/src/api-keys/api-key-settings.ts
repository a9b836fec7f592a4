import type { ConfigProblem } from '../errors.js'
import { type Duration, durationSeconds } from '../shared/duration.js'
import { isPlainObject } from '../shared/plain-object.js'
import type { ApiKey } from './api-key.js'
import { isApiKeyPrefix, maxKeyLength } from './api-key-format.js'

/** Keys that were issued elsewhere and are imported by their digest: how to tell them from anything else without a store. */
export interface ImportedKeyFormat {
  /** What they begin with; at least three characters, none of them white space or a comma. */
  readonly prefix: string
  /** How long they are as a whole, prefix included. At least 22 characters of it must be random. */
  readonly length: number
}

/** So many requests in each span of time. */
export interface ApiKeyLimit {
  readonly requests: number
  /** The span, at most `366d`. Spans follow each other without a gap, the same on every node. */
  readonly per: Duration
}

/** What one key may use up; beyond it the answer is 429 `too_many_attempts`. */
export interface ApiKeyLimits {
  /** Against bursts, as in 100 in `1m`. */
  readonly rateLimit?: ApiKeyLimit
  /** For a plan, as in 100,000 in `30d`. */
  readonly quota?: ApiKeyLimit
}

/** API keys. */
export interface ApiKeysConfig {
  /**
   * What keys begin with, as in `ak_live`: small letters, digits and `_`, at most 24 characters. A list: new keys get the
   * first, all are accepted. A key with the prefix of another environment is refused without asking a store. Default `ak`.
   */
  readonly prefix?: string | readonly string[]
  /** Formats of keys that `auth.apiKeys.import` brings in. Default: none. */
  readonly imported?: readonly ImportedKeyFormat[]
  /** What each key may use up, or a function that says so for one. Default: no limit. */
  readonly limits?: ApiKeyLimits | ((key: ApiKey) => ApiKeyLimits)
}

/** The same with every default in place. */
export interface ApiKeySettings {
  /** The first is in use. */
  readonly prefixes: readonly [string, ...string[]]
  readonly imported: readonly ImportedKeyFormat[]
  /** What a key may use up, checked already unless a function of the application says it; `null`: as much as it likes. */
  readonly limits: ApiKeyLimits | ((key: ApiKey) => ApiKeyLimits) | null
}

const maxRequests = 1_000_000_000
const maxSpanSeconds = 366 * 86_400
const shortestPrefix = 3
/** 131 bits where each character is one of 62. */
const leastRandom = 22

/** What is wrong with the configuration of keys. */
export function apiKeysProblems(config: unknown): readonly ConfigProblem[] {
  if (config === undefined || config === false) return []
  if (!isPlainObject(config)) return [{ path: 'apiKeys', message: 'must be an object, or false for no API keys' }]
  const { prefix, imported, limits, ...unknown } = config
  return [
    ...Object.keys(unknown).map((name) => ({ path: `apiKeys.${name}`, message: 'is no setting' })),
    ...(prefix === undefined ? [] : prefixProblems(prefix)),
    ...(imported === undefined ? [] : importedProblems(imported)),
    ...(limits === undefined || typeof limits === 'function' ? [] : limitsProblems(limits)),
  ]
}

/** Puts the defaults in place. The configuration has no problems. */
export function apiKeySettings({ prefix = 'ak', imported = [], limits }: ApiKeysConfig): ApiKeySettings {
  const [first = 'ak', ...others] = typeof prefix === 'string' ? [prefix] : prefix
  return Object.freeze({
    prefixes: Object.freeze([first, ...others] as const),
    imported: Object.freeze(imported.map((format) => Object.freeze({ ...format }))),
    limits: typeof limits === 'object' ? structuredClone(limits) : (limits ?? null),
  })
}

/** What is wrong with limits, wherever they come from. */
export function limitsProblems(limits: unknown): readonly ConfigProblem[] {
  const path = 'apiKeys.limits'
  if (!isPlainObject(limits)) return [{ path, message: 'must be an object or a function' }]
  const { rateLimit, quota, ...unknown } = limits
  const named = Object.entries({ rateLimit, quota }).filter(([, limit]) => limit !== undefined && !isLimit(limit))
  return [
    ...Object.keys(unknown).map((name) => ({ path: `${path}.${name}`, message: 'is no setting' })),
    ...named.map(([name]) => ({
      path: `${path}.${name}`,
      message: `must have requests, a whole number from 1 to ${maxRequests}, and per, a duration from 1s to 366d`,
    })),
  ]
}

function isLimit(limit: unknown): boolean {
  if (!isPlainObject(limit)) return false
  const { requests, per, ...unknown } = limit
  const seconds = durationSeconds(per) ?? 0
  const isCount = Number.isSafeInteger(requests) && Number(requests) >= 1 && Number(requests) <= maxRequests
  return isCount && seconds >= 1 && seconds <= maxSpanSeconds && Object.keys(unknown).length === 0
}

function prefixProblems(prefix: unknown): readonly ConfigProblem[] {
  const message = 'must be small letters, digits and _, as in ak_live, at most 24 characters, and not begin with ey'
  if (!Array.isArray(prefix)) return isApiKeyPrefix(prefix) ? [] : [{ path: 'apiKeys.prefix', message }]
  if (prefix.length === 0) return [{ path: 'apiKeys.prefix', message: 'must not be an empty list' }]
  return prefix.flatMap((text: unknown, i) => (isApiKeyPrefix(text) ? [] : [{ path: `apiKeys.prefix.${i}`, message }]))
}

function importedProblems(imported: unknown): readonly ConfigProblem[] {
  if (!Array.isArray(imported)) return [{ path: 'apiKeys.imported', message: 'must be a list' }]
  const message = `must have a prefix of ${shortestPrefix} visible characters or more, not beginning with ey, and a length of at least ${leastRandom} more, at most ${maxKeyLength}`
  return imported.flatMap((format: unknown, i) => (isFormat(format) ? [] : [{ path: `apiKeys.imported.${i}`, message }]))
}

function isFormat(format: unknown): boolean {
  if (!isPlainObject(format)) return false
  const { prefix, length, ...unknown } = format
  if (typeof prefix !== 'string' || !/^[\x21-\x2b\x2d-\x7e]+$/.test(prefix) || prefix.startsWith('ey')) return false
  const isLong =
    Number.isSafeInteger(length) && Number(length) >= prefix.length + leastRandom && Number(length) <= maxKeyLength
  return prefix.length >= shortestPrefix && isLong && Object.keys(unknown).length === 0
}

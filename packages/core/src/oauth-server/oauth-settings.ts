import type { ConfigProblem } from '../errors.js'
import { type Duration, durationSeconds } from '../shared/duration.js'
import { isPlainObject } from '../shared/plain-object.js'

/** The OAuth server. */
export interface OAuthConfig {
  /** How long an authorization code is good; from 1 s to `10m`. Default `60s`. */
  readonly codeTtl?: Duration
  /** What scopes mean, in words for the people who are asked. Default: their names. */
  readonly scopeDescriptions?: Readonly<Record<string, string>>
}

/** The same with every default in place. */
export interface OAuthSettings {
  readonly codeLifeSeconds: number
  readonly scopeDescriptions: ReadonlyMap<string, string>
}

/** RFC 6749, section 4.1.2. */
const longestCodeSeconds = 600
const defaultCodeSeconds = 60

/** What is wrong with the configuration of the server. */
export function oauthProblems(config: unknown): readonly ConfigProblem[] {
  if (config === undefined || config === false) return []
  if (!isPlainObject(config)) return [{ path: 'oauth', message: 'must be an object, or false for no OAuth server' }]
  const { codeTtl, scopeDescriptions, ...unknown } = config
  const problems = Object.keys(unknown).map((name) => ({ path: `oauth.${name}`, message: 'is no setting' }))
  const seconds = codeTtl === undefined ? defaultCodeSeconds : durationSeconds(codeTtl)
  if (seconds === null || seconds < 1 || seconds > longestCodeSeconds)
    problems.push({ path: 'oauth.codeTtl', message: `must be a duration of 1 to ${longestCodeSeconds} seconds` })
  const isText =
    isPlainObject(scopeDescriptions ?? {}) &&
    Object.values(scopeDescriptions ?? {}).every((text) => typeof text === 'string')
  if (!isText) problems.push({ path: 'oauth.scopeDescriptions', message: 'must give a text for each scope' })
  return problems
}

/** Puts the defaults in place. The configuration has no problems. */
export function oauthSettings({ codeTtl = defaultCodeSeconds, scopeDescriptions = {} }: OAuthConfig): OAuthSettings {
  return Object.freeze({
    codeLifeSeconds: durationSeconds(codeTtl) ?? defaultCodeSeconds,
    scopeDescriptions: new Map(Object.entries(scopeDescriptions)),
  })
}

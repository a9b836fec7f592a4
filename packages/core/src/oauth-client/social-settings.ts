import type { ConfigProblem } from '../errors.js'
import { isLoopback } from '../shared/loopback.js'
import { isPlainObject } from '../shared/plain-object.js'
import type { OAuthProvider } from './provider.js'

/** How people sign in with providers. */
export interface SocialConfig {
  /**
   * What becomes of a first sign-in whose address has an account already. Default `never`: it is refused, and the owner links
   * the provider once they are signed in. With `verified` it is linked, where both the provider and this deployment have proved
   * the address.
   */
  readonly linkByEmail?: 'never' | 'verified'
  /** Whether the provider's tokens are kept, encrypted, for `auth.identities.accessToken`. Default `false`. */
  readonly keepTokens?: boolean
  /**
   * What a sign-in counts for `recent` where the provider does not say when it last asked its person (`auth_time`). With
   * `not-recent` nothing: `authenticatedAt` is then the beginning of 1970. Default `recent`: Google and GitHub say nothing, and
   * whoever has no password besides could connect, disconnect and delete nothing.
   */
  readonly withoutAuthTime?: 'recent' | 'not-recent'
}

/** The same with every default in place. */
export interface SocialSettings {
  readonly providers: ReadonlyMap<string, OAuthProvider>
  readonly linkByEmail: 'never' | 'verified'
  readonly keepTokens: boolean
  readonly withoutAuthTime: 'recent' | 'not-recent'
}

const idPattern = /^[a-z][a-z0-9-]{0,31}$/
/** Paths of the SDK below `/signin/`. */
const reservedIds = ['exchange']
const providerFields = [
  'id',
  'name',
  'issuer',
  'clientId',
  'clientSecret',
  'clientAuthentication',
  'scopes',
  'authorizationParameters',
  'oauth2',
]
/** Parameters of an authorization request that are the SDK's to set. */
const ownParameters = [
  'client_id',
  'response_type',
  'redirect_uri',
  'scope',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'request',
  'request_uri',
]

/** What is wrong with `providers`. */
export function providersProblems(value: unknown): readonly ConfigProblem[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) return [{ path: 'providers', message: 'must be a list of providers, as in [google({ … })]' }]
  const ids = value.map((provider: unknown) => (isPlainObject(provider) ? provider.id : undefined))
  return value.flatMap((provider: unknown, index) => {
    const path = `providers.${index}`
    if (!isPlainObject(provider)) return [{ path, message: 'must be a provider, as in google({ … })' }]
    const problems = providerProblems(provider).map(([field, message]) => ({ path: `${path}.${field}`, message }))
    const isAgain = ids.indexOf(ids[index]) < index
    return isAgain ? [...problems, { path: `${path}.id`, message: 'is the id of another provider too' }] : problems
  })
}

/** What is wrong with `social`. */
export function socialProblems(value: unknown): readonly ConfigProblem[] {
  if (value === undefined) return []
  if (!isPlainObject(value)) return [{ path: 'social', message: 'must be an object' }]
  const { linkByEmail, keepTokens, withoutAuthTime, ...rest } = value
  const problems = Object.keys(rest).map((key) => ({ path: `social.${key}`, message: 'is no setting' }))
  if (linkByEmail !== undefined && linkByEmail !== 'never' && linkByEmail !== 'verified')
    problems.push({ path: 'social.linkByEmail', message: "must be 'never' or 'verified'" })
  if (keepTokens !== undefined && typeof keepTokens !== 'boolean')
    problems.push({ path: 'social.keepTokens', message: 'must be true or false' })
  if (withoutAuthTime !== undefined && withoutAuthTime !== 'recent' && withoutAuthTime !== 'not-recent')
    problems.push({ path: 'social.withoutAuthTime', message: "must be 'recent' or 'not-recent'" })
  return problems
}

/** Puts the defaults in place; `null` where there are no providers. */
export function socialSettings(
  providers: readonly OAuthProvider[] | undefined,
  { linkByEmail = 'never', keepTokens = false, withoutAuthTime = 'recent' }: SocialConfig = {},
): SocialSettings | null {
  if (!providers || providers.length === 0) return null
  const byId = new Map(providers.map((each) => [each.id, structuredClone(each)]))
  return { providers: byId, linkByEmail, keepTokens, withoutAuthTime }
}

type Problem = readonly [field: string, message: string]

function providerProblems(provider: Readonly<Record<string, unknown>>): readonly Problem[] {
  const { id, name, issuer, clientId, clientSecret, clientAuthentication, scopes, authorizationParameters } = provider
  const problems: Problem[] = Object.keys(provider)
    .filter((key) => !providerFields.includes(key))
    .map((key) => [key, 'is no setting of a provider'])
  if (typeof id !== 'string' || !idPattern.test(id) || reservedIds.includes(id))
    problems.push(['id', 'must be small letters, digits and dashes, at most 32, and begin with a letter'])
  if (typeof name !== 'string' || name === '') problems.push(['name', 'must be a text'])
  if (!isEndpoint(issuer)) problems.push(['issuer', endpointMessage])
  if (typeof clientId !== 'string' || clientId === '') problems.push(['clientId', 'must be a text'])
  if (clientSecret !== undefined && (typeof clientSecret !== 'string' || clientSecret === ''))
    problems.push(['clientSecret', 'must be a text'])
  if (clientAuthentication !== undefined && clientAuthentication !== 'basic' && clientAuthentication !== 'post')
    problems.push(['clientAuthentication', "must be 'basic' or 'post'"])
  if (scopes !== undefined && !isTextList(scopes)) problems.push(['scopes', 'must be a list of scopes'])
  problems.push(...parameterProblems(authorizationParameters), ...endpointProblems(provider.oauth2))
  return problems
}

function parameterProblems(parameters: unknown): readonly Problem[] {
  if (parameters === undefined) return []
  const field = 'authorizationParameters'
  if (!isPlainObject(parameters) || !isTextList(Object.values(parameters))) return [[field, 'must be texts by name']]
  const own = Object.keys(parameters).filter((key) => ownParameters.includes(key))
  return own.map((key) => [`${field}.${key}`, 'is set by the SDK'])
}

function endpointProblems(oauth2: unknown): readonly Problem[] {
  if (oauth2 === undefined) return []
  if (!isPlainObject(oauth2) || !isPlainObject(oauth2.userinfo)) return [['oauth2', 'must have endpoints and userinfo']]
  const { authorizationEndpoint, tokenEndpoint, userinfo } = oauth2
  const { endpoint, emailsEndpoint = endpoint, subject } = userinfo
  const endpoints = {
    authorizationEndpoint,
    tokenEndpoint,
    'userinfo.endpoint': endpoint,
    'userinfo.emailsEndpoint': emailsEndpoint,
  }
  const wrong = Object.entries(endpoints).filter(([, url]) => !isEndpoint(url))
  const problems: Problem[] = wrong.map(([field]) => [`oauth2.${field}`, endpointMessage])
  if (typeof subject !== 'string' || subject === '') problems.push(['oauth2.userinfo.subject', 'must name a member'])
  return problems
}

const endpointMessage = 'must be an https URL without query, fragment or user (http on localhost alone)'

function isEndpoint(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const { protocol, hostname, username, password, hash, search } = new URL(value)
  if (username || password || hash || search) return false
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string' && each !== '')
}

import { AuthError, type ValidationIssue } from '../errors.js'
import { isScopeName, type Roles } from '../rbac/index.js'
import { isStorable } from '../shared/bytes.js'
import { isPlainObject } from '../shared/plain-object.js'
import { firstPartyClientId } from '../tokens/index.js'
import type { ClientAuthMethod, OAuthGrant } from './client.js'
import type { ClientRecord } from './client-store.js'
import { redirectUriProblem, resourceProblem } from './redirect-uri.js'

/** What a client is to be. */
export interface ClientSettings<Scope extends string = string> {
  /** Shown to people who are asked whether it may act for them; at most 100 characters. */
  readonly name: string
  /** How it may get tokens. */
  readonly grants: readonly OAuthGrant[]
  /** What it may ask for at most. */
  readonly scopes: readonly Scope[]
  /**
   * Where people return to: `https`, `http` on 127.0.0.1 or [::1] (any port), or a scheme that is a domain turned around.
   * Compared character by character. Needed for `authorization_code`.
   */
  readonly redirectUris?: readonly string[]
  /** Default: both. */
  readonly authMethods?: readonly ClientAuthMethod[]
  /** Other resource servers that it may ask tokens for (RFC 8707). Default: none. */
  readonly resources?: readonly string[]
  /** Audiences whose tokens it may introspect, beside its own: those of the resource servers that it is. Default: none. */
  readonly introspects?: readonly string[]
  /** `implicit`: nobody is asked. For confidential clients of your own alone. Default `explicit`. */
  readonly consent?: 'explicit' | 'implicit'
}

/** A client to be registered. */
export interface NewOAuthClient<Scope extends string = string> extends ClientSettings<Scope> {
  /** Default: a random one. Visible ASCII, at most 128 characters; not of UUID form, as ids of users are. */
  readonly id?: string
  /** Default `confidential`. */
  readonly kind?: 'confidential' | 'public'
  /** SHA-256 in hexadecimal of a secret that was issued elsewhere, which must hold 128 random bits at least. Default: a new secret. */
  readonly secretSha256?: string
}

/** The fields of a record that settings decide. */
export type ClientFields = Pick<
  ClientRecord,
  'name' | 'kind' | 'redirectUris' | 'grants' | 'scopes' | 'authMethods' | 'resources' | 'introspects' | 'consent'
>

const grants: readonly OAuthGrant[] = ['authorization_code', 'refresh_token', 'client_credentials']
const authMethods: readonly ClientAuthMethod[] = ['client_secret_basic', 'client_secret_post']
const mostOfEach = 100
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

type Check = (value: unknown) => string | null
const oneOf =
  (...known: readonly unknown[]): Check =>
  (value) =>
    known.includes(value) ? null : `must be one of ${known.join(', ')}`

/** Puts the defaults in place and checks it all. @throws AuthError `validation_failed` with every mistake */
export function clientFields(wish: NewOAuthClient, roles: Pick<Roles, 'hasScope'>): ClientFields {
  const { kind = 'confidential' } = wish
  const fields: ClientFields = {
    name: wish.name,
    kind,
    redirectUris: wish.redirectUris ?? [],
    grants: wish.grants,
    scopes: wish.scopes,
    authMethods: wish.authMethods ?? (kind === 'public' ? [] : authMethods),
    resources: wish.resources ?? [],
    introspects: wish.introspects ?? [],
    consent: wish.consent ?? 'explicit',
  }
  const issues = isPlainObject(wish)
    ? [...unknownFields(wish), ...fieldIssues(fields, roles)]
    : [issueAt('', 'must be an object')]
  // Between fields only where each is right by itself.
  const all = issues.length > 0 ? issues : crossIssues(fields)
  if (all.length > 0) throw new AuthError('validation_failed', { issues: all })
  return structuredClone(fields)
}

/** Checks what is not among the settings. @throws AuthError `validation_failed` */
export function checkIdentity({ id, kind, secretSha256 }: NewOAuthClient): void {
  const issues: ValidationIssue[] = []
  if (id !== undefined && !isClientId(id))
    issues.push(issueAt('id', 'must be visible ASCII, not of UUID form, and not reserved'))
  if (secretSha256 !== undefined && !isSha256(secretSha256))
    issues.push(issueAt('secretSha256', 'must be 64 hexadecimal digits'))
  if (secretSha256 !== undefined && kind === 'public') issues.push(issueAt('secretSha256', 'is not for public clients'))
  if (issues.length > 0) throw new AuthError('validation_failed', { issues })
}

/** Whether a text is a SHA-256 in hexadecimal. */
export function isSha256(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9a-f]{64}$/i.test(text)
}

/** Whether a text may be a client's id: never one that a user may have, and not the application's own. */
export function isClientId(id: unknown): id is string {
  return typeof id === 'string' && /^[\x21-\x7e]{1,128}$/.test(id) && !uuid.test(id) && id !== firstPartyClientId
}

function fieldIssues(fields: ClientFields, roles: Pick<Roles, 'hasScope'>): ValidationIssue[] {
  const checkScope: Check = (value) =>
    isScopeName(value) && roles.hasScope(value) ? null : 'must be a scope that a guard may ask for'
  const checkName: Check = (value) =>
    typeof value === 'string' && value.trim() !== '' && value.length <= 100 && isStorable(value) && !/\p{C}/u.test(value)
      ? null
      : 'must be 1 to 100 visible characters'
  const checkAudience: Check = (value) =>
    typeof value === 'string' && value !== '' && value.length <= 2048 && isStorable(value) ? null : 'must be an audience'
  return [
    ...issuesOf('name', fields.name, checkName),
    ...issuesOf('kind', fields.kind, oneOf('confidential', 'public')),
    ...issuesOf('consent', fields.consent, oneOf('explicit', 'implicit')),
    ...listIssues('redirectUris', fields.redirectUris, redirectUriProblem),
    ...listIssues('grants', fields.grants, oneOf(...grants)),
    ...listIssues('scopes', fields.scopes, checkScope),
    ...listIssues('authMethods', fields.authMethods, oneOf(...authMethods)),
    ...listIssues('resources', fields.resources, resourceProblem),
    ...listIssues('introspects', fields.introspects, checkAudience),
  ]
}

function crossIssues({ kind, grants, redirectUris, authMethods, introspects, consent }: ClientFields): ValidationIssue[] {
  const issues: ValidationIssue[] = []
  const withCode = grants.includes('authorization_code')
  if (grants.length === 0) issues.push(issueAt('grants', 'must name one at least'))
  if (withCode && redirectUris.length === 0) issues.push(issueAt('redirectUris', 'are needed for authorization_code'))
  if (grants.includes('refresh_token') && !withCode) issues.push(issueAt('grants', 'refresh_token needs authorization_code'))
  if (kind === 'confidential' && authMethods.length === 0) issues.push(issueAt('authMethods', 'must name one at least'))
  if (kind === 'confidential') return issues
  if (grants.includes('client_credentials')) issues.push(issueAt('grants', 'client_credentials needs a confidential client'))
  if (authMethods.length > 0) issues.push(issueAt('authMethods', 'must be empty for a public client'))
  if (introspects.length > 0) issues.push(issueAt('introspects', 'needs a confidential client'))
  if (consent === 'implicit') issues.push(issueAt('consent', 'can be implicit for a confidential client alone'))
  return issues
}

const known: ReadonlySet<string> = new Set([
  ...['id', 'kind', 'secretSha256', 'name', 'grants', 'scopes', 'redirectUris', 'authMethods', 'resources', 'introspects'],
  'consent',
])

function unknownFields(wish: object): ValidationIssue[] {
  const unknown = Object.keys(wish).filter((name) => !known.has(name))
  return unknown.map((name) => ({ path: name, code: 'unknown_field', message: 'is no setting' }))
}

function issuesOf(path: string, value: unknown, check: Check): ValidationIssue[] {
  const message = check(value)
  return message === null ? [] : [issueAt(path, message)]
}

function listIssues(path: string, list: unknown, check: Check): ValidationIssue[] {
  if (!Array.isArray(list) || list.length > mostOfEach) return [issueAt(path, `must be a list of at most ${mostOfEach}`)]
  if (new Set(list).size !== list.length) return [issueAt(path, 'must name each once')]
  return list.flatMap((value: unknown, index) => issuesOf(`${path}.${index}`, value, check))
}

/** One thing that is wrong. */
export function issueAt(path: string, message: string, code = 'invalid_value'): ValidationIssue {
  return { path, code, message }
}

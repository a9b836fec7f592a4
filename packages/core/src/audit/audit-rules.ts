import type { AuditEventType, AuditOutcome, AuditOutcomeOf } from './audit-event.js'
import type { AuditEventFields } from './audit-event-fields.js'

/** A field of an event, with `?` behind it where it may be absent. */
type FieldRule<Fields> = {
  [Name in keyof Fields & string]: object extends Pick<Fields, Name> ? `${Name}?` : Name
}[keyof Fields & string]

/** Which fields the events of a type have, for each outcome, beside those that all have. */
type TypeRule<Type extends AuditEventType> = {
  readonly [Outcome in AuditOutcomeOf<Type>]: readonly FieldRule<AuditEventFields[Type][Outcome]>[]
}

const refused = ['code', 'actor?', 'subject?', 'sessionId?'] as const
const ofUser = { success: ['actor?', 'subject', 'sessionId?'], failure: refused } as const
const ofSession = { success: ['actor?', 'subject', 'sessionId'], failure: refused } as const
const ofKey = { success: ['actor', 'subject', 'sessionId?'], failure: refused } as const
const ofClient = { success: ['actor?', 'subject', 'sessionId?'], failure: refused } as const
const theft = ['code', 'actor?', 'subject', 'sessionId'] as const

/** The same as the types of the events, for what looks at them when it runs: filters, and the test of every operation. */
export const auditRules: { readonly [Type in AuditEventType]: TypeRule<Type> } = {
  registration: ofUser,
  login: { success: ['actor', 'subject', 'sessionId?'], failure: refused },
  logout: { success: ofSession.success },
  logout_all: ofUser,
  refresh: ofSession,
  'refresh.reused': { failure: theft },
  'refresh.store_rollback': { failure: theft },
  'session.revoked': ofSession,
  'token.revoked': { success: ['subject'] },
  'password.changed': ofUser,
  'password.reset': ofUser,
  lockout: { success: ['subject?'] },
  'lockout.lifted': ofUser,
  'password.reset_requested': ofUser,
  'email.verified': ofUser,
  'email.change_requested': ofUser,
  'email.changed': ofUser,
  'security.not_me': ofUser,
  'identity.linked': ofUser,
  'identity.unlinked': ofUser,
  'account.claimed': { success: ofUser.success },
  'mail.suppressed': { failure: ['subject?'] },
  'mail.failed': { failure: ['subject?'] },
  'breach_check.unavailable': { failure: [] },
  'account.disabled': ofUser,
  'account.enabled': ofUser,
  'account.deleted': ofUser,
  'roles.changed': ofUser,
  'api_key.issued': ofKey,
  'api_key.imported': ofKey,
  'api_key.rotated': ofKey,
  'api_key.revoked': ofKey,
  'api_key.leaked': { success: ofKey.success },
  'api_key.refused': { failure: refused },
  'oauth_client.created': ofClient,
  'oauth_client.updated': ofClient,
  'oauth_client.secret_rotated': ofClient,
  'oauth_client.disabled': ofClient,
  'oauth_client.enabled': ofClient,
  'oauth_client.removed': { success: ofClient.success },
  'oauth.authorization': { success: ['actor', 'subject', 'sessionId'], failure: refused },
  'oauth.token_issued': { success: ['actor', 'subject', 'sessionId?'], failure: refused },
  'oauth.code_replayed': { failure: ['code', 'actor', 'subject', 'sessionId'] },
  'oauth.client_refused': { failure: refused },
  'access.refused': { failure: refused },
  'signing_key.created': { success: ['subject'] },
  'signing_key.revoked': { success: ['subject'] },
  'signing_key.resealed': { success: [] },
  'audit.limited': { failure: ['subject', 'actor?'] },
}

/** Every type of event, in the order of the documentation. */
export const auditEventTypes: readonly AuditEventType[] = Object.keys(auditRules) as AuditEventType[] // Its keys are the types.

/** Whether a text is the type of an event. */
export function isAuditEventType(text: string): text is AuditEventType {
  return Object.hasOwn(auditRules, text)
}

/**
 * What of an event is not as its type and outcome say, in words; `null` where all is well. For tests: what is recorded
 * was checked by the compiler.
 */
export function auditProblem(event: object): string | null {
  const { id, type, at, outcome, ip, route, ...rest } = event as Readonly<Record<string, unknown>> // Read as it came.
  if (typeof type !== 'string' || !isAuditEventType(type)) return `has no such type: ${String(type)}`
  const rules: { readonly [Outcome in AuditOutcome]?: readonly string[] } = auditRules[type]
  const fields = outcome === 'success' || outcome === 'failure' ? rules[outcome] : undefined
  if (!fields) return `${type} has no outcome ${String(outcome)}`
  if (typeof id !== 'string' || !(at instanceof Date)) return `${type} has no id or time`
  const texts = Object.entries({ ip, route, ...rest }).filter(([, value]) => value !== undefined)
  const odd = texts.find(([, value]) => typeof value !== 'string')
  if (odd) return `${type}.${odd[0]} is no text`
  const missing = fields.find((field) => !field.endsWith('?') && rest[field] === undefined)
  if (missing) return `${type} ${String(outcome)} lacks ${missing}`
  const known = new Set(fields.map((field) => field.replace('?', '')))
  const unknown = Object.keys(rest).find((name) => !known.has(name))
  return unknown === undefined ? null : `${type} ${String(outcome)} has a field ${unknown}`
}

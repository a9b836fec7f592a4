import type { ChangeEvent } from '../audit/index.js'
import type { StoreBase } from '../shared/deployment-mark.js'
import type { Digest } from '../shared/digest.js'

/** One of a client's secrets. */
export interface ClientSecret {
  readonly digest: Digest
  readonly createdAt: Date
  readonly expiresAt: Date | null
}

/** An OAuth client as stored (RFC 6749, section 2). */
export interface ClientRecord {
  /** Never of UUID form, so that it cannot be taken for a user's id. */
  readonly id: string
  readonly name: string
  readonly kind: 'confidential' | 'public'
  /** Accepted secrets; two while one is being rotated. */
  readonly secrets: readonly ClientSecret[]
  readonly redirectUris: readonly string[]
  readonly grants: readonly string[]
  readonly scopes: readonly string[]
  /** How it may prove itself at the token endpoint; empty for a public client, which cannot. */
  readonly authMethods: readonly string[]
  /** Other resource servers that it may ask tokens for (RFC 8707). */
  readonly resources: readonly string[]
  /** Audiences whose tokens it may introspect, beside its own: those of the resource servers that it is. */
  readonly introspects: readonly string[]
  /** Whether users are asked before it acts for them. */
  readonly consent: 'explicit' | 'implicit'
  readonly createdAt: Date
  readonly disabledAt: Date | null
  /** What users granted before is over; `null`: what they granted to a client of this id before `createdAt`. */
  readonly grantsSince: Date | null
  /** Raised by every change. */
  readonly version: number
}

/** Where OAuth clients live. */
export interface ClientStore extends StoreBase {
  /** Adds a client; `false` where its id exists. */
  insert(client: ClientRecord, event?: ChangeEvent): Promise<boolean>
  /** Reads a client. */
  find(id: string): Promise<ClientRecord | null>
  /** Lists clients by id, after `after`, at most `limit`. */
  list(after: string | null, limit: number): Promise<readonly ClientRecord[]>
  /** Replaces a client only while its version is still `fromVersion`. */
  swap(fromVersion: number, client: ClientRecord, event?: ChangeEvent): Promise<boolean>
  /** Removes a client; `false` where there is none. */
  delete(id: string, event?: ChangeEvent): Promise<boolean>
}

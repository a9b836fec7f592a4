declare const principalBrand: unique symbol

/** Who is calling, whatever the credential was. Frozen; only this package makes one. */
export interface Principal {
  readonly kind: 'user' | 'api-key' | 'client'
  /** The user's, key's or client's id. */
  readonly subject: string
  readonly userId?: string
  readonly sessionId?: string
  readonly clientId?: string
  readonly keyId?: string
  /** Names of the user's roles and of all that they inherit; empty for delegated credentials. */
  readonly roles: readonly string[]
  /** What the credential may do; may hold wildcards. */
  readonly scopes: readonly string[]
  /** How the credential came. */
  readonly via: CredentialKind
  /** When a person proved who they are; absent where none did. */
  readonly authenticatedAt?: Date
  readonly [principalBrand]: true
}

/** The ways a credential can come. */
export type CredentialKind = 'bearer' | 'cookie' | 'api-key'

/** What a principal is made of. */
export type PrincipalFields = Omit<Principal, typeof principalBrand>

const made = new WeakSet<object>()

/** Makes a principal. Not exported from the package: nothing outside decides who is calling. */
export function createPrincipal(fields: PrincipalFields): Principal {
  const principal = Object.freeze({
    ...fields,
    roles: Object.freeze([...fields.roles]),
    scopes: Object.freeze([...fields.scopes]),
    // A date cannot be frozen: whoever changes this one changes no session that it was read from.
    ...(fields.authenticatedAt && { authenticatedAt: new Date(fields.authenticatedAt) }),
  }) as Principal // The brand exists in types alone.
  made.add(principal)
  return principal
}

/** Whether the principal is a person in a session of their own, and not a key or a client acting for them. */
export function isOwnSession(principal: Principal): boolean {
  return principal.kind === 'user' && principal.clientId === undefined
}

/** Whether a value is a principal that this package made, and no look-alike. */
export function isPrincipal(value: unknown): value is Principal {
  return typeof value === 'object' && value !== null && made.has(value)
}

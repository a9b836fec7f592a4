/** Somebody with an account at the provider. */
export interface ProviderPerson {
  /** The OpenID Connect `sub`. */
  readonly sub: string
  /** The number of the account at the GitHub-like side. */
  readonly id: number
  /** The login name there: may change hands. */
  readonly login: string
  readonly name: string
  readonly email: string | null
  /** As the provider says it; `undefined` leaves the member out. */
  readonly emailVerified: unknown
  /** An address that the person put onto their public profile: proves nothing. */
  readonly publicEmail: string | null
  /** When they last proved who they are, in seconds since 1970: `auth_time` of the ID token. Left out where it is absent. */
  readonly authTime?: number
}

/** Ada, with a proved address. */
export const ada: ProviderPerson = {
  sub: '104928',
  id: 104_928,
  login: 'ada',
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  emailVerified: true,
  publicEmail: null,
}

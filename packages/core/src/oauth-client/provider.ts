/** Where a provider without OpenID Connect tells who somebody is: members of its JSON by name. */
export interface ProviderUserinfo {
  /** Answers a JSON object to an access token. */
  readonly endpoint: string
  /** The member that never changes and is never given to anybody else: a text, or a whole number. */
  readonly subject: string
  /** The member that holds the address. */
  readonly email?: string
  /** The member that is `true` where the provider has proved the address. Without it no address counts as proved. */
  readonly emailVerified?: string
  /** The member that holds the person's name. */
  readonly name?: string
  /** Answers a list of `{ email, primary, verified }`, as GitHub does; takes the place of `email` and `emailVerified`. */
  readonly emailsEndpoint?: string
}

/** A provider that people sign in with. Plain data: nothing is asked of it before somebody signs in. */
export interface OAuthProvider {
  /** Its name in paths and in `IdentityRecord.provider`: small letters, digits and `-`, at most 32. Stays for ever. */
  readonly id: string
  /** Its name for people. */
  readonly name: string
  /** Its issuer identifier; for OpenID Connect its discovery document is below it (OpenID Connect Discovery, section 4). */
  readonly issuer: string
  readonly clientId: string
  /** Absent for a public client. */
  readonly clientSecret?: string
  /** How the secret is sent (RFC 6749, section 2.3.1). Default `post`. */
  readonly clientAuthentication?: 'basic' | 'post'
  /** Default for OpenID Connect: `openid email profile`. */
  readonly scopes?: readonly string[]
  /** Sent to the authorization endpoint as well, as in `{ prompt: 'select_account' }`. */
  readonly authorizationParameters?: Readonly<Record<string, string>>
  /** Endpoints of a provider without OpenID Connect. With it they are discovered. */
  readonly oauth2?: {
    readonly authorizationEndpoint: string
    readonly tokenEndpoint: string
    readonly userinfo: ProviderUserinfo
  }
}

/** What an application knows of itself at a provider. */
export interface ProviderCredentials {
  readonly clientId: string
  readonly clientSecret: string
  /** Default: what it takes to learn who somebody is. */
  readonly scopes?: readonly string[]
}

/** Google. Only `email_verified: true` of its ID token counts an address as proved. */
export function google(credentials: ProviderCredentials): OAuthProvider {
  return { id: 'google', name: 'Google', issuer: 'https://accounts.google.com', ...credentials }
}

/** GitHub. The account's number says who it is, never its login; the primary address of `/user/emails` alone counts. */
export function github(credentials: ProviderCredentials): OAuthProvider {
  return {
    id: 'github',
    name: 'GitHub',
    issuer: 'https://github.com/login/oauth',
    oauth2: {
      authorizationEndpoint: 'https://github.com/login/oauth/authorize',
      tokenEndpoint: 'https://github.com/login/oauth/access_token',
      userinfo: {
        endpoint: 'https://api.github.com/user',
        subject: 'id',
        name: 'name',
        emailsEndpoint: 'https://api.github.com/user/emails',
      },
    },
    scopes: ['read:user', 'user:email'],
    ...credentials,
  }
}

/** Auth0. @param credentials `domain` is the tenant's, as in `acme.eu.auth0.com`. */
export function auth0({ domain, ...credentials }: ProviderCredentials & { readonly domain: string }): OAuthProvider {
  return { id: 'auth0', name: 'Auth0', issuer: `https://${domain}/`, ...credentials }
}

/**
 * Microsoft Entra ID. Its addresses never count as proved: it does not say so.
 * @param credentials `tenant` is one tenant's id; with `common` anybody's tenant could say what it likes.
 */
export function microsoft({ tenant, ...credentials }: ProviderCredentials & { readonly tenant: string }): OAuthProvider {
  return {
    id: 'microsoft',
    name: 'Microsoft',
    issuer: `https://login.microsoftonline.com/${tenant}/v2.0`,
    ...credentials,
  }
}

/** GitLab. @param credentials `host` of an instance of one's own. Default `gitlab.com`. */
export function gitlab({
  host = 'gitlab.com',
  ...credentials
}: ProviderCredentials & { readonly host?: string }): OAuthProvider {
  return { id: 'gitlab', name: 'GitLab', issuer: `https://${host}`, ...credentials }
}

/**
 * Any other provider.
 * @example
 * oauthProvider({ id: 'acme', name: 'Acme', issuer: 'https://id.acme.example', clientId, clientSecret })
 */
export function oauthProvider(provider: OAuthProvider): OAuthProvider {
  return { ...provider }
}

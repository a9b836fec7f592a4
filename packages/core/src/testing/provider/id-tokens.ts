import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import type { Clock } from '../../shared/clock.js'
import type { ProviderDefect } from './provider-defects.js'
import type { ProviderPerson } from './provider-person.js'

/** Who an ID token is for. */
export interface IdTokenGrant {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly nonce: string | null
  readonly person: ProviderPerson
}

/** Issues ID tokens. */
export interface IdTokens {
  jwks(): Promise<{ readonly keys: readonly JWK[] }>
  /** `null` where the defect leaves it out. */
  issue(grant: IdTokenGrant, defect: ProviderDefect | null): Promise<string | null>
}

const algorithm = 'ES256'
const keyId = 'listed'

/** Makes the issuer. Its keys are made when they are first needed. */
export function createIdTokens(clock: Clock): IdTokens {
  const listed = generateKeyPair(algorithm)
  const unlisted = generateKeyPair(algorithm)

  async function sign(claims: JWTPayload, defect: ProviderDefect | null, secret: string): Promise<string> {
    if (defect === 'alg none') return new UnsecuredJWT(claims).encode()
    if (defect === 'alg HS256 keyed with the secret')
      return new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret.padEnd(32, ' ')))
    const isForeign = defect === 'key that is not listed' || defect === 'signature that does not fit'
    const { privateKey } = await (isForeign ? unlisted : listed)
    const kid = defect === 'key that is not listed' ? 'unlisted' : keyId
    return new SignJWT(claims).setProtectedHeader({ alg: algorithm, kid }).sign(privateKey)
  }

  return {
    async jwks() {
      const { publicKey } = await listed
      return { keys: [{ ...(await exportJWK(publicKey)), kid: keyId, alg: algorithm, use: 'sig' }] }
    },
    async issue(grant, defect) {
      if (defect === 'no ID token') return null
      return sign(spoilt(claimsOf(grant, clock), defect), defect, grant.clientSecret)
    },
  }
}

function claimsOf({ issuer, clientId, nonce, person }: IdTokenGrant, clock: Clock): JWTPayload {
  const now = Math.floor(clock.now().getTime() / 1000)
  return {
    iss: issuer,
    aud: clientId,
    sub: person.sub,
    iat: now,
    exp: now + 300,
    name: person.name,
    ...(nonce === null ? {} : { nonce }),
    ...(person.authTime === undefined ? {} : { auth_time: person.authTime }),
    ...(person.email === null ? {} : { email: person.email }),
    ...(person.emailVerified === undefined ? {} : { email_verified: person.emailVerified }),
  }
}

function spoilt(claims: JWTPayload, defect: ProviderDefect | null): JWTPayload {
  const { iss = '', aud = '', iat = 0 } = claims
  const own = String(aud)
  const changes: { readonly [Defect in ProviderDefect]?: object } = {
    'nonce missing': { nonce: undefined },
    'nonce of another attempt': { nonce: 'another' },
    'issuer that looks alike': { iss: `${iss}.evil.example` },
    'audience of somebody else': { aud: 'somebody-else' },
    'two audiences without azp': { aud: [own, 'somebody-else'] },
    'azp of somebody else': { azp: 'somebody-else' },
    expired: { iat: iat - 7200, exp: iat - 3600 },
    'issued in the future': { iat: iat + 7200, nbf: iat + 7200, exp: iat + 10_800 },
    'subject missing': { sub: undefined },
    'subject that is a number': { sub: 104_928 },
  }
  return { ...claims, ...(defect === null ? {} : changes[defect]) }
}

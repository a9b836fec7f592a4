/** The algorithms an access token can be signed with (RFC 7518, section 3.1; RFC 8037). */
export type SigningAlgorithm = 'RS256' | 'PS256' | 'ES256' | 'EdDSA' | 'HS256'

/** All of them. Nothing else is ever accepted. */
export const signingAlgorithms: readonly SigningAlgorithm[] = ['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256']

import { decodeUtf8, framed, utf8 } from '../shared/bytes.js'
import { isPlainObject } from '../shared/plain-object.js'
import type { Secrets } from '../shared/secrets.js'
import type { ProviderTokens } from './provider-client.js'

/** Encrypts a user's tokens of a provider; nobody else's place opens them. */
export function sealProviderTokens(
  secrets: Secrets,
  owner: { readonly userId: string; readonly provider: string },
  tokens: ProviderTokens,
): Promise<string> {
  return secrets.seal('provider-tokens', utf8(JSON.stringify(tokens)), framed(owner.userId, owner.provider))
}

/** Opens what `sealProviderTokens` made for the same user and provider, or answers `null`. */
export async function openProviderTokens(
  secrets: Secrets,
  owner: { readonly userId: string; readonly provider: string },
  sealed: string,
): Promise<ProviderTokens | null> {
  const plain = await secrets.open('provider-tokens', sealed, framed(owner.userId, owner.provider))
  const text = plain && decodeUtf8(plain)
  const tokens: unknown = text === null ? null : JSON.parse(text)
  return isPlainObject(tokens) ? (tokens as unknown as ProviderTokens) : null // This deployment wrote it.
}

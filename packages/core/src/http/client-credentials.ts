import { OAuthError, type PresentedClient } from '../oauth-server/index.js'
import { decodeUtf8 } from '../shared/bytes.js'
import { BasicChallenge } from './oauth-answers.js'
import { headerLines, type RequestSource } from './request-source.js'

/** How a client presents itself, and whether it used the `Authorization` header. */
export interface ClientCredentials {
  readonly presented: PresentedClient
  readonly byHeader: boolean
}

/**
 * Reads how a client presents itself (RFC 6749, section 2.3): by exactly one method. Nothing is read from the URL.
 * @throws OAuthError `invalid_request`, `invalid_client`
 */
export function readClientCredentials(source: RequestSource, form: URLSearchParams): ClientCredentials {
  const [authorization, ...others] = headerLines(source, 'authorization')
  if (others.length > 0) throw new OAuthError('invalid_request', 'Authorization was sent more than once')
  const clientId = form.get('client_id') || null
  const secret = form.get('client_secret') || null
  if (authorization !== undefined) {
    const basic = parseBasic(authorization)
    if (secret !== null) throw new OAuthError('invalid_request', 'The client used more than one method to authenticate')
    if (clientId !== null && clientId !== basic.clientId)
      throw new OAuthError('invalid_request', 'The client named itself in two ways')
    return { presented: { method: 'client_secret_basic', ...basic }, byHeader: true }
  }
  if (form.has('client_assertion')) throw new OAuthError('invalid_client', 'Client assertions are not supported')
  if (clientId === null) throw new OAuthError('invalid_client', 'The client did not name itself')
  const presented: PresentedClient =
    secret === null ? { method: 'none', clientId, secret: '' } : { method: 'client_secret_post', clientId, secret }
  return { presented, byHeader: false }
}

/** Id and secret are form-encoded before they are joined by a colon (RFC 6749, section 2.3.1). @throws OAuthError `invalid_client` */
function parseBasic(line: string): { readonly clientId: string; readonly secret: string } {
  const [, encoded = ''] = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(line) ?? []
  const text = decodeBase64(encoded)
  const colon = text?.indexOf(':') ?? -1
  const clientId = text === null || colon < 1 ? null : decodeForm(text.slice(0, colon))
  const secret = text === null ? null : decodeForm(text.slice(colon + 1))
  if (clientId && secret !== null) return { clientId, secret }
  throw new BasicChallenge('invalid_client', 'Authorization holds no client id and secret')
}

function decodeBase64(text: string): string | null {
  try {
    return text === '' ? null : decodeUtf8(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)))
  } catch {
    return null
  }
}

function decodeForm(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return null
  }
}

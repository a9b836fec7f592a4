import type { AuditContext } from '../../audit/index.js'
import { OAuthError, type PresentedClient } from '../../oauth-server/index.js'
import { type ClientCredentials, readClientCredentials } from '../client-credentials.js'
import { BasicChallenge, oauthEmpty, oauthJson } from '../oauth-answers.js'
import type { OAuthParts } from '../oauth-parts.js'
import { formRoute, type Route, type RouteCall } from '../route.js'

type ClientRequest<T> = (form: URLSearchParams, readClient: () => PresentedClient, context: AuditContext) => Promise<T>

/** What OAuth clients call: tokens, introspection, revocation. */
export function oauthRoutes({ grants, inspection }: OAuthParts): Route[] {
  return [
    formRoute('POST', '/oauth/token', async (call) => oauthJson(await asClient(call, grants.answer))),
    formRoute('POST', '/oauth/introspect', async (call) => oauthJson(await asClient(call, inspection.introspect))),
    formRoute('POST', '/oauth/revoke', async (call) => {
      await asClient(call, inspection.revoke)
      return oauthEmpty()
    }),
  ]
}

/** Runs a request of a client; one that used the `Authorization` header and failed by it is answered with a challenge. */
async function asClient<T>({ body, source, ip, route }: RouteCall<URLSearchParams>, request: ClientRequest<T>): Promise<T> {
  let read: ClientCredentials | undefined
  const readClient = (): PresentedClient => {
    read = readClientCredentials(source, body)
    return read.presented
  }
  try {
    return await request(body, readClient, { ip, route })
  } catch (error) {
    if (!(error instanceof OAuthError) || error.code !== 'invalid_client' || !read?.byHeader) throw error
    throw new BasicChallenge(error.code, error.description)
  }
}

import { AuthError } from '../errors.js'
import { createAnswers } from './answers.js'
import type { Route } from './route.js'
import type { RouteDeps, RouteTools } from './route-tools.js'
import { accountRoutes } from './routes/account-routes.js'
import { apiKeyRoutes } from './routes/api-key-routes.js'
import { auditRoutes } from './routes/audit-routes.js'
import { authorizeRoutes } from './routes/authorize-routes.js'
import { mailRoutes } from './routes/mail-routes.js'
import { oauthRoutes } from './routes/oauth-routes.js'
import { sessionRoutes } from './routes/session-routes.js'
import { signInRoutes } from './routes/sign-in-routes.js'
import { socialRoutes } from './routes/social-routes.js'
import { userRoutes } from './routes/user-routes.js'

/** All routes below the base path. */
export function createRoutes(deps: RouteDeps): readonly Route[] {
  const { authenticator, accounts } = deps
  const tools: RouteTools = {
    ...deps,
    answers: createAnswers(deps.cookies, deps.clock),
    requirePrincipal: ({ source }) => authenticator.enforce(source),
    requireScopes: ({ source }, scopes) => authenticator.enforce(source, { requirement: { scopes } }),
    async requireUser({ source }) {
      const { principal, userSession } = await authenticator.enforce(source, { ownSession: true })
      const { userId, sessionId } = principal
      if (userId === undefined || sessionId === undefined) throw new AuthError('credential_not_allowed')
      const user = userSession?.user ?? (await accounts.find(userId))
      if (!user || user.disabledAt) throw new AuthError('token_revoked')
      return { principal, user, sessionId, context: authenticator.contextOf(source, principal) }
    },
  }
  const ofKeys = deps.apiKeys ? apiKeyRoutes(tools, deps.apiKeys) : []
  const ofTrail = deps.audit ? auditRoutes(tools, deps.audit) : []
  const ofSocial = deps.social ? socialRoutes(tools, deps.social) : []
  const ofMails = deps.mailed ? mailRoutes(tools, deps.mailed) : []
  const ofOAuth = deps.oauth ? [...oauthRoutes(deps.oauth), ...authorizeRoutes(tools, deps.oauth)] : []
  return [
    ...signInRoutes(tools),
    ...sessionRoutes(tools),
    ...accountRoutes(tools),
    ...ofMails,
    ...ofSocial,
    ...ofKeys,
    ...userRoutes(tools),
    ...ofTrail,
    ...ofOAuth,
  ]
}

import type { RequestListener } from 'node:http'
import { type Auth, type AuthConfig, createAuth, memoryStores } from '@auth/core'
import { toNodeListener } from '@auth/core/node'
import { listen } from '../../src/testing/real-port.js'
import { secretText } from './keys.js'
import { type ServiceRoles, serviceRoles } from './second-service-app.js'

/** What the routes that sign in answer. */
export interface TokenAnswer {
  readonly accessToken: string
  readonly refreshToken: string
}

/** An issuer on a real port. */
export interface IssuerApp {
  readonly auth: Auth<ServiceRoles>
  readonly issuer: string
  readonly jwksUri: string
  /** How often its keys were asked for. */
  keyReads(): number
  /** Whether it cuts every connection. */
  down: boolean
  /** Signs somebody up and gives their access token. */
  register(): Promise<string>
  /** Calls one of its routes. */
  post(path: string, body: object): Promise<TokenAnswer>
}

/** The audience of its tokens. */
export const ordersAudience: string = 'https://orders.example.com'

/** Starts an issuer until the test ends. */
export async function startIssuer(config: Partial<AuthConfig<ServiceRoles>> = {}): Promise<IssuerApp> {
  let reads = 0
  let serve: RequestListener | undefined
  const { url } = await listen((req, res) => {
    if (req.url?.endsWith('/jwks.json')) reads++
    if (app.down || !serve) return void req.socket.destroy()
    serve(req, res)
  })
  const auth = createAuth({
    issuer: url,
    secret: secretText,
    stores: memoryStores(),
    roles: serviceRoles,
    defaultRole: 'user',
    audience: ordersAudience,
    tokens: { algorithm: 'ES256' },
    logger: { warn: () => undefined, error: () => undefined },
    ...config,
  })
  serve = toNodeListener(auth)
  const app: IssuerApp = {
    auth,
    issuer: url,
    jwksUri: `${url}/auth/jwks.json`,
    keyReads: () => reads,
    down: false,
    async post(path, body) {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${url}/auth${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
      return (await answer.json()) as TokenAnswer
    },
    async register() {
      const signedUp = await app.post('/register', { email: 'ada@example.com', password: 'a long enough passphrase' })
      return signedUp.accessToken
    },
  }
  return app
}

import type { AuthConfig } from '../../index.js'
import { virtualClock } from '../virtual-clock.js'
import type { ConformanceRole, HttpAppSettings } from './app-under-test.js'
import { type ConformanceRoles, conformanceAuth } from './conformance-auth.js'

/** Makes credentials of the deployment that the app would not give out, or no more. */
export interface Twin {
  /** An access token of somebody who signed in `secondsAgo`. */
  accessToken(options?: TwinOptions): Promise<string>
  /** A refresh token whose session the app has never seen. */
  refreshToken(): Promise<string>
  /** A session cookie whose session the app has never seen. */
  cookie(): Promise<string>
}

/** What is unusual about a token. */
export interface TwinOptions {
  readonly secondsAgo?: number
  readonly audience?: string
  /** Default 900. */
  readonly accessTtl?: number
  /** Default `user`. */
  readonly role?: ConformanceRole
  /** Signed with a key that is not the deployment's. */
  readonly signingKey?: HttpAppSettings['signingKey']
}

/** Makes the twin of a deployment. */
export function createTwin(settings: HttpAppSettings, basePath: string): Twin {
  async function register(transport: 'bearer' | 'cookie', options: TwinOptions = {}): Promise<Response> {
    const { secondsAgo = 0, audience, accessTtl = 900, role = 'user', signingKey = settings.signingKey } = options
    const overrides: Partial<AuthConfig<ConformanceRoles>> = {
      basePath,
      defaultRole: role,
      clock: virtualClock(new Date(Date.now() - secondsAgo * 1000)),
      tokens: { algorithm: 'ES256', keys: signingKey, accessTtl },
      ...(audience === undefined ? {} : { audience }),
    }
    const auth = conformanceAuth(settings, overrides)
    const body = JSON.stringify({ email: 'twin@example.com', password: 'a long enough passphrase', transport })
    const headers = { 'content-type': 'application/json' }
    const request = new Request(`${settings.issuer}${basePath}/register`, { method: 'POST', headers, body })
    return auth.handler(request, { ip: '127.0.0.1' })
  }

  async function field(name: string, options?: TwinOptions): Promise<string> {
    const answer = (await (await register('bearer', options)).json()) as Readonly<Record<string, string>> // A token answer.
    return answer[name] ?? ''
  }

  return {
    accessToken: (options) => field('accessToken', options),
    refreshToken: () => field('refreshToken'),
    async cookie() {
      const answer = await register('cookie')
      return answer.headers
        .getSetCookie()
        .map((line) => line.split(';', 1)[0])
        .join('; ')
    },
  }
}

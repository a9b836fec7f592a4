import type { DemoAuth } from './auth.js'
import { type Endpoint, json } from './endpoints.js'

/** What a page about the account has to know of its password. */
export function passwordEndpoints(auth: DemoAuth): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/api/account/password',
      access: { allow: ['bearer', 'cookie'] },
      answer: async ({ caller }) => json({ isSet: await auth.accounts.hasPassword(caller().subject) }),
    },
  ]
}

import { AuthError } from '@auth/core'
import { z } from 'zod'
import type { DemoAuth } from './auth.js'
import { type Endpoint, json } from './endpoints.js'
import { parse } from './parse.js'

const lookUp = z.strictObject({ email: z.string().min(1).max(254) })
const shown = 30
const read = 100

/** What is seen of guessing, by administrators and by whose account it is about, and what lifts a lock. */
export function lockEndpoints(auth: DemoAuth): readonly Endpoint[] {
  const access = { roles: ['admin'] } as const

  /** Which account an event is about. Of those without one nothing is known: no address that was tried is kept. */
  async function emailOf(subject: string | undefined): Promise<string | null> {
    return subject === undefined ? null : ((await auth.accounts.find(subject))?.email ?? null)
  }

  return [
    {
      method: 'GET',
      path: '/api/account/lock',
      access: { allow: ['bearer', 'cookie'] },
      answer: async ({ caller }) => json({ lockedUntil: await auth.accounts.lockedUntil(caller().subject) }),
    },
    {
      method: 'GET',
      path: '/api/admin/attempts',
      access,
      async answer() {
        const types = ['login', 'lockout', 'lockout.lifted'] as const
        const lists = await Promise.all(types.map((type) => auth.audit.list({ type, limit: read })))
        const latest = lists
          .flat()
          .filter(({ type, outcome }) => type !== 'login' || outcome === 'failure')
          .sort((a, b) => b.at.getTime() - a.at.getTime())
          .slice(0, shown)
        const attempts = latest.map(async ({ id, type, at, outcome, code, subject, ip }) => ({
          ...{ id, type, at, outcome, code: code ?? null },
          email: await emailOf(subject),
          network: networkOf(ip),
        }))
        return json({ attempts: await Promise.all(attempts) })
      },
    },
    {
      method: 'GET',
      path: '/api/admin/lock',
      access,
      async answer({ query }) {
        const user = await auth.accounts.findByEmail(parse(lookUp, query).email)
        if (!user) throw new AuthError('not_found')
        return json({ id: user.id, email: user.email, lockedUntil: await auth.accounts.lockedUntil(user.id) })
      },
    },
    {
      method: 'POST',
      path: '/api/admin/users/:id/unlock',
      access,
      async answer({ params }) {
        await auth.accounts.unlock(String(params.id))
        return { status: 204, type: '', body: '' }
      },
    },
  ]
}

/** Enough of an address to see a pattern, and too little to know a person by. */
function networkOf(ip: string | undefined): string | null {
  if (ip === undefined) return null
  const mapped = /^(?:::ffff:)?(\d+\.\d+\.\d+)\.\d+$/i.exec(ip)?.[1]
  if (mapped !== undefined) return `${mapped}.*`
  const [, site] = /^([\da-f]{1,4}:[\da-f]{1,4}:[\da-f]{1,4}):/i.exec(ip) ?? []
  return `${site ?? ip.split(':', 2).join(':')}:*`
}

import { type Auth, type Principal, type RequestSource, type Roles, StoreError } from '@auth/core'
import { sourceOfRequest } from '@auth/core/node'
import { cookies, headers } from 'next/headers.js'
import { cache } from 'react'
import { redirect } from '#navigation'
import type { Receive } from './received.js'
import { keepCookie, sessionCookie } from './session-cookie.js'
import type { NextAuth, PageRequirement } from './types.js'

type Finders<R extends Roles> = Pick<NextAuth<R>, 'principal' | 'principalOrRedirect'>

/** Who is calling, where there is no request to look at. */
export function createFinders<R extends Roles>(auth: Auth<R>, receive: Receive): Finders<R> {
  const source = createPageSource(auth, receive)
  const find = cache(async (): Promise<Principal | null> => {
    const seen = await auth.authenticate(await source())
    if (seen.ok) return seen.principal
    if (seen.refusal.status >= 500) throw new StoreError(`cannot tell who is calling: ${seen.refusal.code}`)
    return null
  })

  async function principal(requirement: PageRequirement<R> = {}): Promise<Principal | null> {
    auth.checkRequirement(requirement)
    const found = await find()
    return found && (await auth.rbac.can(found, requirement)) ? found : null
  }

  return {
    principal,
    async principalOrRedirect(to, requirement) {
      return (await principal(requirement)) ?? redirect(to)
    },
  }
}

/** What a page's render or an action knows of its request. */
function createPageSource(auth: Pick<Auth, 'issuer'>, receive: Receive): () => Promise<RequestSource> {
  const { name } = sessionCookie(auth)
  return async () => {
    const [given, jar] = await Promise.all([headers(), cookies()])
    const { method = methodOf(given), target, headers: sent, ip } = receive('/', given)
    keepCookie(sent, name, jar.get(name)?.value)
    return sourceOfRequest({ method, url: target, headers: sent }, ip)
  }
}

/** What Next tells nobody. In doubt it is a method that changes something: a browser writes `Origin` on each of those. */
function methodOf(given: Headers): string {
  return ['next-action', 'origin', 'content-type'].some((name) => given.has(name)) ? 'POST' : 'GET'
}

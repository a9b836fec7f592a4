import { type Auth, type Principal, type RequestSource, type Roles, StoreError } from '@auth/core'
import { cookieNames, readCookie, sourceOfRequest } from '@auth/core/node'
import { cookies, headers } from 'next/headers.js'
import { redirect } from 'next/navigation.js'
import { cache } from 'react'
import type { createReceiver } from './received.js'
import type { NextAuth, PageRequirement } from './types.js'

type Finders<R extends Roles> = Pick<NextAuth<R>, 'principal' | 'principalOrRedirect'>

/** Who is calling, where there is no request to look at. */
export function createFinders<R extends Roles>(auth: Auth<R>, receive: ReturnType<typeof createReceiver>): Finders<R> {
  const source = createPageSource(auth.issuer, receive)
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
export function createPageSource(issuer: string, receive: ReturnType<typeof createReceiver>): () => Promise<RequestSource> {
  const names = cookieNames(new URL(issuer))
  return async () => {
    const [given, jar] = await Promise.all([headers(), cookies()])
    const { target, headers: sent, ip } = receive('/', given)
    const inHeader = readCookie(sent.get('cookie') ?? '', names.session)
    const now = jar.get(names.session)?.value || undefined
    // The proxy, or the action before this render, may have changed it. Two that contradict each other stay so.
    if (inHeader !== null && inHeader !== now) sent.set('cookie', now === undefined ? '' : `${names.session}=${now}`)
    return sourceOfRequest({ method: isAction(sent) ? 'POST' : 'GET', url: target, headers: sent }, ip)
  }
}

function isAction(sent: Headers): boolean {
  return sent.has('next-action') || /^multipart\/form-data/i.test(sent.get('content-type') ?? '')
}

import type { Auth, Principal } from '@auth/core'
import { sourceOfRequest } from '@auth/core/node'
import { type NextRequest, NextResponse } from 'next/server.js'
import type { Receive } from './received.js'
import { sessionCookie } from './session-cookie.js'
import type { AuthProxy, ProxyOptions } from './types.js'

type ProxyAuth = Pick<Auth, 'issuer' | 'serves' | 'authenticate' | 'sessions'>

/** What is known of a visitor, and what their session's cookie is to be. */
interface Visitor {
  readonly mayBeSignedIn: boolean
  /** `null` leaves it. */
  readonly cookie: { readonly value: string; readonly expires: Date } | null
}

/** Sends visitors without a session cookie to the page to sign in at. */
export function createProxy(auth: ProxyAuth, receive: Receive, options: ProxyOptions): AuthProxy {
  const { name, attributes } = sessionCookie(auth)
  const { signInPage, publicPaths = [], verify = false } = options
  const isPublic = (path: string): boolean => [signInPage, ...publicPaths].some((pattern) => covers(pattern, path))

  async function look(request: NextRequest): Promise<Visitor> {
    const value = request.cookies.get(name)?.value
    if (isExplicit(request) || !value) return { mayBeSignedIn: isExplicit(request), cookie: null }
    // What scripts fetch in between may be answered after a newer cookie came, and would put this one in its place.
    if (!verify || !isNavigation(request)) return { mayBeSignedIn: true, cookie: null }
    const { headers, ip } = receive(request.url, request.headers)
    // Whether it lives. Whether it may change anything is for what does to ask.
    const seen = await auth.authenticate(sourceOfRequest({ method: 'GET', url: request.url, headers }, ip))
    if (seen.ok) return { mayBeSignedIn: true, cookie: await renewed(value, seen.principal) }
    // While a store is down nobody is signed out.
    return seen.refusal.status === 401 ? { mayBeSignedIn: false, cookie: removed } : { mayBeSignedIn: true, cookie: null }
  }

  async function renewed(value: string, { subject, sessionId }: Principal): Promise<Visitor['cookie']> {
    const live = await auth.sessions.list(subject).catch(() => [])
    const session = live.find(({ id }) => id === sessionId)
    return session ? { value, expires: session.expiresAt } : null
  }

  return async (request) => {
    const { nextUrl } = request
    if (auth.serves(nextUrl.basePath + nextUrl.pathname)) return NextResponse.next()
    const { mayBeSignedIn, cookie } = await look(request)
    const mayPass = mayBeSignedIn || isPublic(nextUrl.pathname) || !isNavigation(request)
    const response = mayPass ? NextResponse.next() : toSignIn(request, signInPage, auth.issuer)
    // Only what is set this way is seen by the render of the same request.
    if (cookie) {
      response.cookies.set({ name, ...attributes, ...cookie })
      // A cache that keeps the page would hand its cookie to everybody.
      response.headers.set('cache-control', 'private, no-store')
    }
    return response
  }
}

const removed: Visitor['cookie'] = { value: '', expires: new Date(0) }

/** On the issuer's origin: behind a proxy Next takes itself for localhost. */
function toSignIn({ nextUrl }: NextRequest, signInPage: string, issuer: string): NextResponse {
  const url = new URL(nextUrl.basePath + signInPage, issuer)
  url.search = new URLSearchParams({ returnTo: nextUrl.pathname + nextUrl.search }).toString()
  return NextResponse.redirect(url, { status: 307, headers: { 'cache-control': 'no-store' } })
}

function covers(pattern: string, path: string): boolean {
  return pattern.endsWith('/*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern
}

function isExplicit({ headers }: NextRequest): boolean {
  return headers.has('authorization') || headers.has('x-api-key')
}

/** Whether a browser goes to a page. What scripts fetch is to get its own answer. */
function isNavigation({ method, headers }: NextRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  const destination = headers.get('sec-fetch-dest')
  return destination === null ? (headers.get('accept') ?? '').includes('text/html') : destination === 'document'
}

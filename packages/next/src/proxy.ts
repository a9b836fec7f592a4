import type { Auth } from '@auth/core'
import { cookieNames } from '@auth/core/node'
import { type NextRequest, NextResponse } from 'next/server.js'
import type { AuthProxy, ProxyOptions } from './types.js'

/** Sends visitors without a session cookie to the page to sign in at. */
export function createProxy(auth: Pick<Auth, 'issuer' | 'serves'>, options: ProxyOptions): AuthProxy {
  const { session } = cookieNames(new URL(auth.issuer))
  const { signInPage, publicPaths = [] } = options
  const isPublic = (path: string): boolean =>
    [signInPage, ...publicPaths].some((each) => path === each || (each.endsWith('/*') && path.startsWith(each.slice(0, -1))))
  return async (request: NextRequest) => {
    const { nextUrl, cookies } = request
    if (auth.serves(nextUrl.pathname) || isPublic(nextUrl.pathname) || cookies.has(session)) return NextResponse.next()
    if (!isNavigation(request)) return NextResponse.next()
    const url = nextUrl.clone()
    url.pathname = signInPage
    url.search = new URLSearchParams({ returnTo: nextUrl.pathname + nextUrl.search }).toString()
    return NextResponse.redirect(url)
  }
}

function isNavigation({ method, headers }: NextRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  if (headers.has('authorization') || headers.has('x-api-key')) return false
  const destination = headers.get('sec-fetch-dest')
  return destination ? destination === 'document' : (headers.get('accept') ?? '').includes('text/html')
}

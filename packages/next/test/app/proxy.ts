import type { NextRequest, NextResponse } from 'next/server'
import { web } from './lib/auth'

const optimistic = web.proxy({ signInPage: '/pages/sign-in', publicPaths: ['/pages/who', '/pages/admin'] })
const verifying = web.proxy({ signInPage: '/pages/sign-in', publicPaths: ['/pages/verified/who'], verify: true })

export function proxy(request: NextRequest): Promise<NextResponse> {
  return request.nextUrl.pathname.startsWith('/pages/verified/') ? verifying(request) : optimistic(request)
}

// Not in front of the routes of the kit: Next then reads every body before a handler runs.
export const config = { matcher: '/pages/:path*' }

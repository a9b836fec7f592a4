import { type NextRequest, NextResponse } from 'next/server'
import { demo, web } from './demo'

/** The pages that Next renders. */
export const config = { matcher: ['/next', '/next/:path*'] }

/** Looks after the session's cookie, and gives Next's inline scripts a nonce. It protects nothing: pages and actions ask themselves. */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const seen = await web().proxy({ signInPage: '/next/sign-in', verify: true })(request)
  if (seen.headers.has('location')) return seen
  const policy = policyWith(Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64'))
  const headers = new Headers(request.headers)
  headers.set('content-security-policy', policy) // Next reads the nonce there.
  const response = NextResponse.next({ request: { headers } })
  // Set as cookies, not copied as headers: the render of this request sees those alone.
  for (const cookie of seen.cookies.getAll()) response.cookies.set(cookie)
  response.headers.set('cache-control', 'private, no-store') // As where a cookie is set.
  response.headers.set('content-security-policy', policy)
  return response
}

/** The policy of all pages, and scripts that have the nonce or are loaded by such. */
function policyWith(nonce: string): string {
  const policy = demo().securityHeaders['content-security-policy'] ?? "script-src 'self'"
  return policy.replace("script-src 'self'", `$& 'nonce-${nonce}' 'strict-dynamic'`)
}

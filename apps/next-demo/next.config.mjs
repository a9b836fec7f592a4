import { fileURLToPath } from 'node:url'
import { securityHeaders } from '@auth-sdk/demo'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * What the pages that Next renders have otherwise: a policy with a nonce for its inline scripts, of src/proxy.ts, and a referrer on
 * this origin. With `no-referrer`, forms that no script sends name the origin `null`, and Next refuses their actions.
 */
const { 'content-security-policy': policy = '', 'referrer-policy': referrers = '', ...shared } = securityHeaders
const rendered = '/next/:path*'
const others = '/((?!next$|next/).*)'

/** @param {Readonly<Record<string, string>>} headers */
const listed = (headers) => Object.entries(headers).map(([key, value]) => ({ key, value }))

/** @type {import('next').NextConfig} */
export default {
  // Each build has a directory of its own: start.mjs.
  distDir: process.env.NEXT_DEMO_DIST ?? '.next/unnamed',
  // Not left to be guessed from lockfiles in the folders around.
  outputFileTracingRoot: root,
  turbopack: { root },
  poweredByHeader: false,
  // The routes' own answers say what a path with a slash at its end is.
  skipTrailingSlashRedirect: true,
  // `npm run check` looks at them.
  typescript: { ignoreBuildErrors: true },
  async headers() {
    return [
      { source: '/:path*', headers: listed(shared) },
      { source: rendered, headers: listed({ 'referrer-policy': 'same-origin' }) },
      { source: others, headers: listed({ 'content-security-policy': policy, 'referrer-policy': referrers }) },
    ]
  },
}

import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Endpoint } from './endpoints.js'

const folder = fileURLToPath(new URL('./public', import.meta.url))

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.map': 'application/json; charset=utf-8',
}

/** Paths that are no files. */
const names: Readonly<Record<string, string>> = {
  '/': '/index.html',
  '/verify-email': '/mail-link.html',
  '/reset-password': '/mail-link.html',
  '/not-me': '/mail-link.html',
}

/** The page: a handful of files, each of them a public route. */
export function pageEndpoints(): readonly Endpoint[] {
  const files = readdirSync(folder).map((file): Endpoint => {
    const body = readFileSync(join(folder, file))
    const type = types[extname(file)] ?? 'application/octet-stream'
    return { method: 'GET', path: `/${file}`, access: 'public', answer: () => ({ status: 200, type, body }) }
  })
  const named = Object.entries(names).flatMap(([path, name]) =>
    files.filter((file) => file.path === name).map((file) => ({ ...file, path })),
  )
  return [...named, ...files]
}

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Set on every answer. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': policy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

import { fileURLToPath } from 'node:url'
import { AuthError, type Principal } from '@auth/core'
import { expressAuth, getAuth } from '@auth/express'
import express, { type Express, type RequestHandler } from 'express'
import { z } from 'zod'
import { adminRoutes } from './admin-routes.js'
import type { DemoAuth } from './auth.js'
import type { OrderBook } from './orders.js'
import { parse } from './parse.js'

const publicFolder = fileURLToPath(new URL('./public', import.meta.url))
/** Text that every database keeps as it is: Postgres has no NUL, and half a surrogate pair is no character. */
const plainText = z.string().refine((text) => !text.includes('\0') && text.isWellFormed(), 'must be text')
const newOrder = z.strictObject({ item: plainText.trim().min(1).max(200) })
const recentSeconds = 300

/** Makes the demo's app. */
export function createApp(auth: DemoAuth, orders: OrderBook): Express {
  const web = expressAuth(auth)
  const app = express()
  app.disable('x-powered-by')
  app.use(securityHeaders)
  app.use(web.routes())

  app.get('/health', web.public(), (_req, res) => void res.json({ status: 'ok' }))
  app.get('/api/public', web.public(), (_req, res) => void res.json({ message: 'Anybody may read this.', at: new Date() }))
  app.get('/api/orders', web.guard({ scopes: ['read:orders'] }), async (req, res) => {
    res.json({ orders: await orders.list(ownerOf(getAuth(req))) })
  })
  // The body is read once the caller is known to be allowed to send one.
  app.post('/api/orders', web.guard({ scopes: ['write:orders'] }), express.json({ limit: '16kb' }), async (req, res) => {
    res.status(201).json(await orders.place(ownerOf(getAuth(req)), parse(newOrder, req.body).item))
  })
  app.use('/api/admin', adminRoutes(auth, web))
  app.delete('/api/account-data', web.guard({ recent: recentSeconds }), async (req, res) => {
    await orders.forget(ownerOf(getAuth(req)))
    res.status(204).end()
  })

  app.use(web.public(), express.static(publicFolder))
  app.use(() => {
    throw new AuthError('not_found')
  })
  app.use(web.errors())
  return app
}

/** Whose orders a caller deals with: those of the person whose key it is, too. */
function ownerOf({ userId, subject }: Principal): string {
  return userId ?? subject
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

const securityHeaders: RequestHandler = (_req, res, next) => {
  res.set({
    'content-security-policy': policy,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
  next()
}

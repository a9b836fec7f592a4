import { AuthError, type Principal, type Requirement, type RoleNameOf, type ScopeNameOf } from '@auth/core'
import { z } from 'zod'
import { adminEndpoints } from './admin-endpoints.js'
import type { DemoAuth, roles } from './auth.js'
import { clientEndpoints } from './client-endpoints.js'
import { lockEndpoints } from './lock-endpoints.js'
import type { OrderBook } from './orders.js'
import { parse } from './parse.js'
import { passwordEndpoints } from './password-endpoints.js'

/** A route of the app itself. Every framework's server serves the same ones. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** As routers spell it: `/api/users/:id`. */
  readonly path: string
  /** Who may call it. */
  readonly access: 'public' | Requirement<RoleNameOf<typeof roles>, ScopeNameOf<typeof roles>>
  answer(call: Call): Reply | Promise<Reply>
}

/** A request, as an endpoint sees it. The body is read once the caller is known to be allowed to send one. */
export interface Call {
  /** Who is calling, behind a guard. */
  readonly caller: () => Principal
  readonly params: Readonly<Record<string, unknown>>
  readonly query: unknown
  readonly body: unknown
  /** What the client wants to read. */
  readonly accept: string | undefined
  /** The body's `Content-Type`. */
  readonly type: string | undefined
}

/** What a server sends. */
export interface Reply {
  readonly status: number
  readonly type: string
  readonly body: string | Buffer
}

/** A reply in JSON. */
export function json(value: unknown, status = 200): Reply {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(value) }
}

/** Bodies are small. */
export const maxBodyBytes = 16_384

/** Text that every database keeps as it is: Postgres has no NUL, and half a surrogate pair is no character. */
const plainText = z.string().refine((text) => !text.includes('\0') && text.isWellFormed(), 'must be text')
const newOrder = z.strictObject({ item: plainText.trim().min(1).max(200) })
const recentSeconds = 300

/** The app's own routes, but for the page. */
export function createEndpoints(auth: DemoAuth, orders: OrderBook): readonly Endpoint[] {
  return [
    { method: 'GET', path: '/health', access: 'public', answer: () => json({ status: 'ok' }) },
    {
      method: 'GET',
      path: '/api/public',
      access: 'public',
      answer: () => json({ message: 'Anybody may read this.', at: new Date() }),
    },
    {
      method: 'GET',
      path: '/api/orders',
      access: { scopes: ['read:orders'] },
      answer: async ({ caller }) => json({ orders: await orders.list(ownerOf(caller())) }),
    },
    {
      method: 'POST',
      path: '/api/orders',
      access: { scopes: ['write:orders'] },
      async answer({ caller, type, body }) {
        if (!/^application\/json\b/i.test(type ?? '')) throw new AuthError('unsupported_media_type')
        return json(await orders.place(ownerOf(caller()), parse(newOrder, body).item), 201)
      },
    },
    ...adminEndpoints(auth),
    ...clientEndpoints(auth),
    ...lockEndpoints(auth),
    ...passwordEndpoints(auth),
    {
      method: 'DELETE',
      path: '/api/account-data',
      access: { recent: recentSeconds },
      async answer({ caller }) {
        await orders.forget(ownerOf(caller()))
        return { status: 204, type: '', body: '' }
      },
    },
  ]
}

/** Whose orders a caller deals with: those of the person whose key it is, too. */
function ownerOf({ userId, subject }: Principal): string {
  return userId ?? subject
}

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { type Auth, AuthError, createAuth, defineRoles, type Mail, type PasswordHasher, type Roles } from '@auth/core'
import { nodeSource, sendRefusal, toNodeListener } from '@auth/core/node'
import type { ShiftedClock } from './clock.js'
import type { NodeSettings } from './settings.js'

type Role = 'user' | 'admin'
type Stores = Parameters<typeof createAuth>[0]['stores']

const roles: Roles<Role> = defineRoles({ user: { scopes: ['read:orders'] }, admin: { scopes: ['*'] } })

let verified = 0

/** How many passwords this node has compared with a hash since it was asked last. */
export function takeVerified(): number {
  const taken = verified
  verified = 0
  return taken
}

/** A hasher that costs nothing: what Argon2 costs is not what these tests are about. */
const quickHasher: PasswordHasher = {
  hash: async (password) => `$quick$${Buffer.from(password).toString('base64url')}`,
  async verify(hash, password) {
    verified++
    return hash === (await quickHasher.hash(password))
  },
  needsRehash: () => false,
}

const sent: Mail[] = []
const mailer = { send: (mail: Mail) => sent.push(mail) }
const page = 'https://app.example.com/'
const links = { verifyEmail: page, resetPassword: page, signIn: page, notMe: page }

/** Makes the authentication of a node. */
export function makeAuth(
  { retryWindow = 0, mails = false, oauth = false, providers = [] }: NodeSettings,
  stores: Stores,
  clock: ShiftedClock,
): Auth {
  return createAuth({
    issuer: 'https://app.example.com',
    secret: 'c7d1f0a4-a-secret-for-tests-alone-5be2937a',
    stores,
    clock,
    roles,
    defaultRole: 'user',
    ...(mails ? { mailer, links } : {}),
    ...(oauth ? { oauth: {} } : {}),
    ...(providers.length > 0 ? { providers } : {}),
    trustedProxies: ['127.0.0.0/8'],
    tokens: { algorithm: 'ES256', retryWindow },
    passwords: { hasher: quickHasher },
    logger: { warn: () => undefined, error: () => undefined },
  }) as unknown as Auth // The tests name roles as texts.
}

/** What an operator of the application does. */
function commandsOf({
  accounts,
  maintain,
  mailsSent,
  oauth,
}: Auth): Record<string, (userId: string, more: never) => Promise<unknown>> {
  return {
    disable: (userId) => accounts.disable(userId),
    enable: (userId) => accounts.enable(userId),
    delete: (userId) => accounts.delete(userId),
    reset: (userId, password: string) => accounts.resetPassword(userId, password),
    roles: (userId, names: never[]) => accounts.setRoles(userId, names),
    maintain: () => maintain(),
    client: (_, settings: never) => oauth.clients.create(settings),
    async mails(to) {
      await mailsSent()
      return sent.filter((mail) => mail.to === to).map(({ kind, link }) => ({ kind, link }))
    },
  }
}

/** The application: the SDK's routes, a route that anybody signed in may ask for, and its operator's commands. */
export function makeApp(auth: Auth): RequestListener {
  const routes = toNodeListener(auth)
  const commands = commandsOf(auth)

  async function guarded(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const seen = await auth.authenticate(nodeSource(req))
    if (!seen.ok) return sendRefusal(res, seen.refusal)
    send(res, 200, { userId: seen.principal.userId, roles: seen.principal.roles })
  }

  async function operate(name: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const [userId, more] = JSON.parse(await text(req)) as [string, never]
    const command = commands[name]
    if (!command) throw new AuthError('not_found')
    send(res, 200, { done: (await command(userId, more)) ?? null })
  }

  return (req, res) => {
    const { url = '' } = req
    if (url.startsWith('/auth/')) return routes(req, res)
    const done = url.startsWith('/operator/') ? operate(url.slice('/operator/'.length), req, res) : guarded(req, res)
    done.catch((error: unknown) => sendRefusal(res, auth.refuse(error)))
  }
}

function send(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

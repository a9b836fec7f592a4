import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { type Answer, told } from './client.js'
import type { TestNode } from './deployment.js'

export const password = 'a long enough passphrase'
export const newPassword = 'another fine passphrase'

/** Somebody who is signed in twice: with tokens, and with a cookie. */
export interface Person {
  readonly email: string
  /** Everybody has an address of their own, so that nobody's attempts are another's. */
  readonly ip: string
  readonly userId: string
  readonly accessToken: string
  readonly refreshToken: string
  readonly cookie: string
}

/** An e-mail address and a client's address that nobody had before. */
export function stranger(): { readonly email: string; readonly ip: string } {
  const [a = 0, b = 0, c = 0] = randomBytes(3)
  return { email: `${randomBytes(8).toString('hex')}@example.com`, ip: `10.${a}.${b}.${c}` }
}

/** Signs somebody new up, and in with a cookie. */
export async function signUp(node: TestNode): Promise<Person> {
  const { email, ip } = stranger()
  const { userId, ...tokens } = tokensOf(await node.call('POST', '/auth/register', { ip, body: { email, password } }))
  const { cookie } = await logIn(node, { email, ip }, { transport: 'cookie' })
  return { email, ip, userId, ...tokens, cookie }
}

/** Signs somebody in, whatever comes of it. */
export function logIn(node: TestNode, { email, ip }: Pick<Person, 'email' | 'ip'>, more: object = {}): Promise<Answer> {
  return node.call('POST', '/auth/login', { ip, body: { email, password, ...more } })
}

/** Exchanges a refresh token. */
export function refresh(node: TestNode, refreshToken: string): Promise<Answer> {
  return node.call('POST', '/auth/refresh', { body: { refreshToken } })
}

/** The tokens of a token answer, and whose they are. */
export function tokensOf(answer: Answer): Pick<Person, 'accessToken' | 'refreshToken' | 'userId'> {
  expect(told(answer)).toMatch(/^20[01]$/)
  const { accessToken, refreshToken } = answer.body as { accessToken: string; refreshToken: string }
  return { accessToken, refreshToken, userId: claimsOf(accessToken).sub }
}

/** What an access token says. */
export function claimsOf(accessToken: string): { sub: string; sid: string; iat: number; exp: number; roles: string[] } {
  return JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString('utf8'))
}

/** What has become of somebody's credentials on a node. The refresh token is used up by asking. */
export interface Standing {
  readonly bearer: string
  readonly cookie: string
  readonly refresh: string
}

/** Tries somebody's credentials on a node that has just read what is revoked. */
export async function standing(node: TestNode, person: Person): Promise<Standing> {
  await node.order({ kind: 'shift', monotonicMs: 6000 })
  return {
    bearer: told(await node.call('GET', '/guarded', { bearer: person.accessToken })),
    cookie: told(await node.call('GET', '/guarded', { cookie: person.cookie })),
    refresh: told(await refresh(node, person.refreshToken)),
  }
}

export const allWell: Standing = { bearer: '200', cookie: '200', refresh: '200' }
export const allOver: Standing = {
  bearer: '401 token_revoked',
  cookie: '401 session_invalid',
  refresh: '401 refresh_revoked',
}

import type { Answer } from './client.js'
import type { TestNode } from './deployment.js'
import { newPassword, type Person, password } from './people.js'

/** Something that ends what a person is signed in with. */
export interface Command {
  /** Gives the command. `wasDone` tells whether the user has been changed by it before. */
  give(node: TestNode, person: Person, wasDone: boolean): Promise<Answer>
  /** What a command that has been completed before is answered with, beside 200 and 204. */
  readonly againTold?: readonly string[]
  /** Whether the session that gives the command goes on. */
  readonly keepsOwn?: true
  /** Whether nobody is left who could give it again: an access token that the others were not told of lives until it expires. */
  readonly leavesNobody?: true
}

const operator =
  (command: string, ...more: readonly unknown[]): Command['give'] =>
  (node, { userId }) =>
    node.call('POST', `/operator/${command}`, { body: [userId, ...more] })

/** Commands about a whole user: the user first, then the feed, then the sessions. */
export const userCommands: Readonly<Record<string, Command>> = {
  'logout-all': {
    give: (node, { accessToken, ip }) => node.call('POST', '/auth/logout-all', { bearer: accessToken, ip }),
    againTold: ['401 token_revoked'],
  },
  'password change': {
    give: (node, { accessToken, ip }, wasDone) =>
      node.call('POST', '/auth/password/change', {
        bearer: accessToken,
        ip,
        body: { currentPassword: wasDone ? newPassword : password, newPassword },
      }),
    againTold: ['401 token_revoked'],
    keepsOwn: true,
  },
  'account deletion': {
    give: (node, { accessToken, ip }) =>
      node.call('POST', '/auth/me/delete', { bearer: accessToken, ip, body: { password } }),
    againTold: ['401 token_revoked', '401 credentials_missing', '401 session_invalid'],
    leavesNobody: true,
  },
  'password reset': { give: operator('reset', newPassword) },
  disabling: { give: operator('disable') },
  'deletion by an operator': { give: operator('delete'), againTold: ['404 not_found'] },
}

/** Gives a person other roles, which ends their access tokens alone. */
export const roleChange: Command = { give: operator('roles', ['user', 'admin']) }

/** Ends the session of the tokens. */
export const logout: Command = {
  give: (node, { accessToken, refreshToken, ip }) =>
    node.call('POST', '/auth/logout', { bearer: accessToken, ip, body: { refreshToken } }),
}

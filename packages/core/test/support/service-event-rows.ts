import { createApiKey } from '../../src/api-keys/api-key-format.js'
import { type EventRow, type EventScene, password, refused } from './event-scene.js'

const email = 'ada@example.com'
const next = 'another fine passphrase'
const nobody = 'ffffffff-ffff-4fff-8fff-ffffffffffff'
const kidOf = async ({ app }: EventScene): Promise<string> => (await app.auth.signingKeys.jwks()).keys[0]?.kid ?? ''
const digestOf = async (text: string): Promise<string> =>
  Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('hex')
const principalOf = async ({ app, ada }: EventScene) => {
  const header = (name: string): string | undefined => (name === 'authorization' ? `Bearer ${ada.accessToken}` : undefined)
  const seen = await app.auth.authenticate({ method: 'GET', url: '/', header, ip: undefined })
  if (!seen.ok) throw new Error('signed in')
  return seen.principal
}
const reads = (run: EventRow[1]): readonly EventRow[] => [['done', run, null]]

/** Every function of the services, with all that may come of it. */
export const serviceEventRows: Readonly<Record<string, readonly EventRow[]>> = {
  'accounts.create': [
    ['done', ({ app }) => app.auth.accounts.create({ email: 'n@example.com', password }), 'registration success'],
    [
      'of a taken address',
      ({ app }) => refused(app.auth.accounts.create({ email, password })),
      'registration failure email_taken',
    ],
    [
      'of no address',
      ({ app }) => refused(app.auth.accounts.create({ email: 'x', password })),
      'registration failure validation_failed',
    ],
  ],
  'accounts.import': [
    [
      'done',
      ({ app }) => app.auth.accounts.import({ email: 'old@example.com', passwordHash: '$2b$10$…' }),
      'registration success',
    ],
    [
      'of a taken address',
      ({ app }) => refused(app.auth.accounts.import({ email: 'ada@example.com', passwordHash: null })),
      'registration failure email_taken',
    ],
  ],
  'accounts.find': reads(({ app, ada }) => app.auth.accounts.find(ada.userId)),
  'accounts.findByEmail': reads(({ app }) => app.auth.accounts.findByEmail(email)),
  'accounts.verifyPassword': [
    ['right', ({ app }) => app.auth.accounts.verifyPassword({ email, password }), 'login success'],
    [
      'wrong',
      ({ app }) => refused(app.auth.accounts.verifyPassword({ email, password: 'wrong' })),
      'login failure invalid_credentials',
    ],
    [
      'of no address',
      ({ app }) => refused(app.auth.accounts.verifyPassword({ email: 'x', password })),
      'login failure invalid_credentials',
    ],
  ],
  'accounts.sendPasswordReset': [
    ['done', ({ app, ada }) => app.auth.accounts.sendPasswordReset(ada.userId), 'password.reset_requested success'],
    [
      'of nobody',
      ({ app }) => refused(app.auth.accounts.sendPasswordReset(nobody)),
      'password.reset_requested failure not_found',
    ],
  ],
  'accounts.sendEmailVerification': [
    ['done', ({ app, ada }) => app.auth.accounts.sendEmailVerification(ada.userId), null],
    ['of nobody', ({ app }) => refused(app.auth.accounts.sendEmailVerification(nobody)), null],
  ],
  'accounts.setEmail': [
    ['done', ({ app, ada }) => app.auth.accounts.setEmail(ada.userId, 'another@example.com'), 'email.changed success'],
    [
      'of nobody',
      ({ app }) => refused(app.auth.accounts.setEmail(nobody, 'a@example.com')),
      'email.changed failure not_found',
    ],
    [
      'to a bad one',
      ({ app, ada }) => refused(app.auth.accounts.setEmail(ada.userId, 'x')),
      'email.changed failure validation_failed',
    ],
  ],
  'accounts.resetPassword': [
    ['done', ({ app, ada }) => app.auth.accounts.resetPassword(ada.userId, next), 'password.reset success'],
    ['of nobody', ({ app }) => refused(app.auth.accounts.resetPassword(nobody, next)), 'password.reset failure not_found'],
    [
      'to a bad one',
      ({ app, ada }) => refused(app.auth.accounts.resetPassword(ada.userId, 'x')),
      'password.reset failure validation_failed',
    ],
  ],
  'accounts.setRoles': [
    ['done', ({ app, ada }) => app.auth.accounts.setRoles(ada.userId, ['support']), 'roles.changed success'],
    ['of nobody', ({ app }) => refused(app.auth.accounts.setRoles(nobody, [])), 'roles.changed failure not_found'],
  ],
  'accounts.disable': [
    ['done', ({ app, ada }) => app.auth.accounts.disable(ada.userId), 'account.disabled success'],
    ['of nobody', ({ app }) => refused(app.auth.accounts.disable(nobody)), 'account.disabled failure not_found'],
  ],
  'accounts.enable': [
    ['done', ({ app, ada }) => app.auth.accounts.enable(ada.userId), 'account.enabled success'],
    ['of nobody', ({ app }) => refused(app.auth.accounts.enable(nobody)), 'account.enabled failure not_found'],
  ],
  'accounts.lockedUntil': reads(({ app, ada }) => app.auth.accounts.lockedUntil(ada.userId)),
  'accounts.hasPassword': reads(({ app, ada }) => app.auth.accounts.hasPassword(ada.userId)),
  'accounts.unlock': [
    ['done', ({ app, ada }) => app.auth.accounts.unlock(ada.userId), 'lockout.lifted success'],
    ['of nobody', ({ app }) => refused(app.auth.accounts.unlock(nobody)), 'lockout.lifted failure not_found'],
  ],
  'accounts.delete': [
    ['done', ({ app, ada }) => app.auth.accounts.delete(ada.userId), 'account.deleted success'],
    ['of nobody', ({ app }) => refused(app.auth.accounts.delete(nobody)), 'account.deleted failure not_found'],
  ],
  'sessions.list': reads(({ app, ada }) => app.auth.sessions.list(ada.userId)),
  'sessions.end': [
    [
      'done',
      async ({ app, ada }) => app.auth.sessions.end((await app.auth.sessions.list(ada.userId))[0]?.id ?? ''),
      'session.revoked success',
    ],
    ['of nothing', ({ app }) => app.auth.sessions.end('nothing'), null],
  ],
  'sessions.endAll': [
    ['done', ({ app, ada }) => app.auth.sessions.endAll(ada.userId), 'logout_all success'],
    ['of nobody', ({ app }) => refused(app.auth.sessions.endAll(nobody)), 'logout_all failure not_found'],
  ],
  'tokens.verify': [
    ['right', ({ app, ada }) => app.auth.tokens.verify(ada.accessToken), null],
    ['wrong', ({ app }) => refused(app.auth.tokens.verify('x')), null],
  ],
  'tokens.revoke': [
    [
      'done',
      async ({ app, ada }) => app.auth.tokens.revoke((await app.auth.tokens.verify(ada.accessToken)).jti),
      'token.revoked success',
    ],
  ],
  'apiKeys.create': [
    [
      'done',
      ({ app, ada }) => app.auth.apiKeys.create({ userId: ada.userId, name: 'n', scopes: [] }),
      'api_key.issued success',
    ],
    [
      'with a scope too many',
      ({ app, ada }) => refused(app.auth.apiKeys.create({ userId: ada.userId, name: 'n', scopes: ['users:manage'] })),
      'api_key.issued failure insufficient_scope',
    ],
    [
      'for nobody',
      ({ app }) => refused(app.auth.apiKeys.create({ userId: nobody, name: 'n', scopes: [] })),
      'api_key.issued failure not_found',
    ],
  ],
  'apiKeys.list': reads(({ app, ada }) => app.auth.apiKeys.list(ada.userId)),
  'apiKeys.find': reads(async ({ app, key }) => app.auth.apiKeys.find((await key()).id)),
  'apiKeys.verify': [
    ['right', async ({ app, key }) => app.auth.apiKeys.verify((await key()).key), null],
    ['garbage', ({ app }) => refused(app.auth.apiKeys.verify('garbage')), null],
    [
      'wrong',
      async ({ app, key }) => {
        const elsewhere = createApiKey((await key()).key.split('_')[0] ?? '').key
        await refused(app.auth.apiKeys.verify(elsewhere))
      },
      'api_key.refused failure api_key_invalid',
    ],
    [
      'revoked',
      async (scene) => {
        const { id, key } = await scene.key()
        await scene.app.auth.apiKeys.revoke(id)
        await refused(scene.app.auth.apiKeys.verify(key))
      },
      'api_key.revoked success, api_key.refused failure api_key_revoked',
    ],
  ],
  'apiKeys.rotate': [
    ['done', async ({ app, key }) => app.auth.apiKeys.rotate((await key()).id), 'api_key.rotated success'],
    [
      'twice',
      async ({ app, key }) => {
        const { id } = await key()
        await app.auth.apiKeys.rotate(id)
        await refused(app.auth.apiKeys.rotate(id))
      },
      'api_key.rotated success, api_key.rotated failure not_found',
    ],
    ['of nothing', ({ app }) => refused(app.auth.apiKeys.rotate('nothing')), 'api_key.rotated failure not_found'],
  ],
  'apiKeys.revoke': [
    ['done', async ({ app, key }) => app.auth.apiKeys.revoke((await key()).id), 'api_key.revoked success'],
    ['of nothing', ({ app }) => app.auth.apiKeys.revoke('nothing'), null],
  ],
  'apiKeys.import': [
    [
      'done',
      async ({ app, ada }) =>
        app.auth.apiKeys.import({ userId: ada.userId, sha256: await digestOf('a'), prefix: 'old_', name: 'n', scopes: [] }),
      'api_key.imported success',
    ],
    [
      'for nobody',
      async ({ app }) =>
        refused(
          app.auth.apiKeys.import({ userId: nobody, sha256: await digestOf('a'), prefix: 'old_', name: 'n', scopes: [] }),
        ),
      'api_key.imported failure not_found',
    ],
  ],
  'apiKeys.reportLeak': [
    [
      'of a key',
      async ({ app, key }) => app.auth.apiKeys.reportLeak((await key()).key, { source: 'a scanner' }),
      'api_key.leaked success',
    ],
    ['of garbage', ({ app }) => app.auth.apiKeys.reportLeak('garbage', { source: 'a scanner' }), null],
  ],
  'apiKeys.flushUses': reads(({ app }) => app.auth.apiKeys.flushUses()),
  'identities.list': [['done', ({ app, ada }) => app.auth.identities.list(ada.userId), null]],
  'identities.accessToken': [
    ['of none', ({ app, ada }) => refused(app.auth.identities.accessToken(ada.userId, 'github')), null],
  ],
  'passwords.check': [
    ['good', ({ app }) => app.auth.passwords.check(next), null],
    ['bad', ({ app }) => refused(app.auth.passwords.check('x')), null],
  ],
  'passwords.hash': reads(({ app }) => app.auth.passwords.hash(next)),
  'signingKeys.jwks': reads(({ app }) => app.auth.signingKeys.jwks()),
  'signingKeys.rotate': [['done', ({ app }) => app.auth.signingKeys.rotate(), 'signing_key.created success']],
  'signingKeys.revoke': [
    [
      'of the key in use, which gets a successor',
      async (scene) => scene.app.auth.signingKeys.revoke(await kidOf(scene)),
      'signing_key.created success, signing_key.revoked success',
    ],
  ],
  'signingKeys.reseal': reads(({ app }) => app.auth.signingKeys.reseal()),
  'rbac.assign': [
    ['done', ({ app, ada }) => app.auth.rbac.assign(ada.userId, 'support'), 'roles.changed success'],
    ['of what they have', ({ app, ada }) => app.auth.rbac.assign(ada.userId, 'user'), null],
    [
      'by somebody who may not',
      async (scene) => refused(scene.app.auth.rbac.assign(scene.ada.userId, 'support', { by: await principalOf(scene) })),
      'roles.changed failure insufficient_scope',
    ],
  ],
  'rbac.remove': [
    ['done', ({ app, ada }) => app.auth.rbac.remove(ada.userId, 'user'), 'roles.changed success'],
    ['of what they lack', ({ app, ada }) => app.auth.rbac.remove(ada.userId, 'admin'), null],
    ['of nobody', ({ app }) => refused(app.auth.rbac.remove(nobody, 'user')), 'roles.changed failure not_found'],
  ],
  'rbac.list': reads(({ app, ada }) => app.auth.rbac.list(ada.userId)),
  'rbac.can': reads(async (scene) => scene.app.auth.rbac.can(await principalOf(scene), { roles: ['admin'] })),
  'rbac.decide': reads(async (scene) => scene.app.auth.rbac.decide(await principalOf(scene), { roles: ['admin'] })),
  'rbac.explain': reads(async (scene) => scene.app.auth.rbac.explain(await principalOf(scene), { roles: ['admin'] })),
  'rbac.explainUser': reads(({ app, ada }) => app.auth.rbac.explainUser(ada.userId, { roles: ['admin'] })),
  'audit.list': reads(({ app }) => app.auth.audit.list()),
}

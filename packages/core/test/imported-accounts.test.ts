import { argon2id } from '@auth/core/argon2'
import { importedHashes } from '@auth/core/imported-hashes'
import { hash as bcryptHash } from '@node-rs/bcrypt'
import { describe, expect, it } from 'vitest'
import { testApp } from './support/test-app.js'

const email = 'ada@example.com'
const password = 'a password of long ago'

describe('auth.accounts.import', () => {
  it('PW-09 takes accounts of another system over, and hashes anew at the first login', async () => {
    const passwordHash = await bcryptHash(password, { cost: 4 })
    const app = testApp({ passwords: { hasher: importedHashes({ hasher: argon2id(), typical: passwordHash }) } })
    const createdAt = new Date('2015-03-01T12:00:00Z')
    const made = await app.auth.accounts.import({ email, passwordHash, name: 'Ada', emailVerified: true, createdAt })
    expect(made).toMatchObject({ email, name: 'Ada', emailVerified: true, createdAt, roles: [] })
    expect((await app.stores.users.find(made.id))?.passwordHash).toBe(passwordHash)
    const login = (text: string) => app.call('POST', '/auth/login', { body: { email, password: text } })
    expect((await login('not the password')).body.code).toBe('invalid_credentials')
    expect((await app.stores.users.find(made.id))?.passwordHash).toBe(passwordHash)
    expect((await login(password)).status).toBe(200)
    expect((await app.stores.users.find(made.id))?.passwordHash).toMatch(/^\$argon2id\$/)
    expect((await login(password)).status).toBe(200)
  })

  it('takes an account without a password, and refuses what is taken or cannot be stored', async () => {
    const app = testApp()
    await app.auth.accounts.import({ email, passwordHash: null })
    expect((await app.call('POST', '/auth/login', { body: { email, password } })).body.code).toBe('invalid_credentials')
    const { import: take } = app.auth.accounts
    await expect(take({ email: 'ADA@example.com', passwordHash: null })).rejects.toMatchObject({ code: 'email_taken' })
    for (const passwordHash of ['', 'x'.repeat(513), 'a\0b'])
      await expect(take({ email: 'b@example.com', passwordHash })).rejects.toMatchObject({ code: 'validation_failed' })
    await expect(take({ email: 'b', passwordHash: null })).rejects.toMatchObject({ code: 'validation_failed' })
    // @ts-expect-error a role that is not declared
    await expect(take({ email: 'b@example.com', passwordHash: null, roles: ['owner'] })).rejects.toThrow('roles')
  })
})

import { describe, expect, it, vi } from 'vitest'
import { AuthError, ConfigError, StoreError } from '../src/errors.js'

const kinds = [
  [AuthError, () => new AuthError('not_found')],
  [ConfigError, () => new ConfigError([])],
  [StoreError, () => new StoreError('down')],
] as const

async function anotherCopy(): Promise<typeof import('../src/errors.js')> {
  vi.resetModules()
  return import('../src/errors.js')
}

describe('errors', () => {
  it('are told apart', () => {
    for (const [kind, make] of kinds)
      for (const [other] of kinds) expect(make() instanceof other, `${kind.name} ${other.name}`).toBe(kind === other)
    for (const none of [new Error('AuthError'), Object.assign(new Error(), { name: 'AuthError' }), null, 'AuthError', {}])
      expect(none instanceof AuthError).toBe(false)
    expect(new StoreError('down')).toBeInstanceOf(Error)
  })

  it('are known when another copy of the package made them, as bundlers make copies', async () => {
    const copy = await anotherCopy()
    expect(copy.AuthError).not.toBe(AuthError)
    expect(new copy.AuthError('not_found') instanceof AuthError).toBe(true)
    expect(new AuthError('not_found') instanceof copy.AuthError).toBe(true)
    expect(new copy.StoreError('down') instanceof AuthError).toBe(false)
    expect(new copy.StoreError('down') instanceof StoreError).toBe(true)
    expect(new copy.ConfigError([]) instanceof ConfigError).toBe(true)
  })

  it('of a class of somebody’s own are only those of that class', () => {
    class Closed extends AuthError {}
    expect(new Closed('not_found')).toBeInstanceOf(AuthError)
    expect(new Closed('not_found')).toBeInstanceOf(Closed)
    expect(new AuthError('not_found') instanceof Closed).toBe(false)
  })
})

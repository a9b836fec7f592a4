import { afterEach, describe, expect, it } from 'vitest'
import { createAuth, memoryStores, StoreError } from '../index.js'
import { randomBytes, randomId, randomUuid } from './random.js'

afterEach(() => {
  for (const name of ['getRandomValues', 'randomUUID']) Reflect.deleteProperty(crypto, name)
})

function breakRandom(): void {
  const value = (): never => {
    throw new Error('no entropy')
  }
  for (const name of ['getRandomValues', 'randomUUID']) Object.defineProperty(crypto, name, { value, configurable: true })
}

describe('a CSPRNG that fails', () => {
  it('F-45 is an outage, and nothing weaker takes its place', () => {
    breakRandom()
    for (const draw of [() => randomBytes(32), randomUuid, randomId]) expect(draw).toThrow(StoreError)
  })

  it('F-45 ER-02 does not keep a fault from being answered', () => {
    const auth = createAuth({
      issuer: 'https://app.example.com',
      secret: 'c7d1f0a4-a-secret-for-tests-alone-5be2937a',
      stores: memoryStores(),
      logger: { warn: () => undefined, error: () => undefined },
    })
    breakRandom()
    expect(auth.refuse(new TypeError('a mistake'))).toMatchObject({ status: 500, code: 'internal_error' })
  })
})

import { describe, expect, it } from 'vitest'
import { argon2id } from '../argon2/index.js'
import { defaultHasher } from './index.js'

describe('defaultHasher', () => {
  it('is argon2id() with its defaults', async () => {
    const hasher = defaultHasher()
    const hash = await hasher.hash('correct horse')
    expect(await argon2id().verify(hash, 'correct horse')).toBe(true)
    expect(await hasher.verify(hash, 'correct horse')).toBe(true)
    expect(await hasher.verify('', 'correct horse')).toBe(false)
    expect(hasher.needsRehash(hash)).toBe(false)
    expect(hasher.needsRehash(hash.replace('m=19456', 'm=19455'))).toBe(true)
  })

  it('knows an old hash before the native binding is loaded', () => {
    expect(defaultHasher().needsRehash('$2b$10$abc')).toBe(true)
  })
})

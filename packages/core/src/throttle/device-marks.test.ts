import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { base64url, fromBase64url } from '../shared/bytes.js'
import { createSecrets } from '../shared/secrets.js'
import { createDeviceMarks } from './index.js'

const oldSecret = 'an old secret that is long enough to be one'
const newSecret = 'the new secret which is just as long as that'
const marks = createDeviceMarks(createSecrets(oldSecret))
const user = '5e1f6a34-9d0e-4d52-9a35-7fd9f9a2a001'

describe('createDeviceMarks', () => {
  it('accepts a mark for its user and epoch alone', async () => {
    const mark = await marks.issue(user, 3)
    expect(mark).toMatch(/^[A-Za-z0-9_-]{70}$/)
    expect(await marks.identify(mark, user, 3)).toMatch(/^[\w-]{22}$/)
    expect(await marks.identify(mark, user, 4)).toBeNull()
    expect(await marks.identify(mark, '5e1f6a34-9d0e-4d52-9a35-7fd9f9a2a002', 3)).toBeNull()
    expect(await marks.identify(await marks.issue(user, 12), `${user}1`, 2)).toBeNull()
    expect(await marks.issue(user, 3)).not.toBe(mark)
  })

  it('accepts marks of every secret in the list, and of no other', async () => {
    const mark = await marks.issue(user, 1)
    expect(await createDeviceMarks(createSecrets([newSecret, oldSecret])).identify(mark, user, 1)).not.toBeNull()
    expect(await createDeviceMarks(createSecrets(newSecret)).identify(mark, user, 1)).toBeNull()
  })

  it('refuses a mark in which any byte differs', async () => {
    const bytes = fromBase64url(await marks.issue(user, 1)) ?? new Uint8Array()
    for (let i = 0; i < bytes.length; i++) {
      const changed = bytes.slice()
      changed[i] = (changed[i] ?? 0) ^ 1
      expect(await marks.identify(base64url(changed), user, 1), `byte ${i}`).toBeNull()
    }
  })

  it('refuses any other text', async () => {
    const mark = await marks.issue(user, 1)
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[A-Za-z0-9_-]{70}$/), fc.constant(`${mark}=`))
    await fc.assert(
      fc.asyncProperty(text, async (forged) => {
        expect(await marks.identify(forged, user, 1)).toBeNull()
      }),
    )
  })
})

import { expect, it } from 'vitest'
import { quickHasher, testApp } from './support/test-app.js'

const ip = '198.51.100.66'

it('BF-01 a sign-up from a blocked address asks the list of breached passwords nothing', async () => {
  let asked = 0
  const breached = {
    range: async () => {
      asked++
      return ''
    },
  }
  const app = testApp({ passwords: { hasher: quickHasher, breached } })
  const signUp = async (n: number): Promise<number> => {
    const body = { email: `new${n}@example.com`, password: `a long passphrase ${n}` }
    return (await app.call('POST', '/auth/register', { ip, body })).status
  }
  expect([await signUp(0), asked]).toEqual([201, 1])
  for (let n = 0; n < 6; n++)
    await app.call('POST', '/auth/login', { ip, body: { email: `n${n}@example.com`, password: 'wrong wrong wrong' } })
  const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => signUp(n + 1)))
  expect([new Set(answers), asked]).toEqual([new Set([429]), 1])
})

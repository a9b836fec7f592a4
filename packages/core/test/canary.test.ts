import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { canaryRun, formsOf, leaksIn } from './support/canaries.js'
import { cookieLogin, register, testApp } from './support/test-app.js'

it('PW-12 ER-06 RT-01 SE-01 AK-01 no password, token or key stands in a store, a log, an event, an error, an object or an answer that need not hold it', async () => {
  const { places, secrets, hashes } = await canaryRun()
  for (const [place, text] of Object.entries(places)) {
    expect(text.length, place).toBeGreaterThan(place === 'an object' ? 100 : 1000)
    const told = place === 'a store' || place === 'an object' ? secrets : [...secrets, ...hashes]
    expect(leaksIn(text, told), place).toEqual([])
  }
  expect(secrets.length).toBeGreaterThan(15)
  expect(new Set(secrets).size).toBe(secrets.length)
})

it('the canary test would notice: a store that keeps what it is given holds no secret, a log of bodies does', async () => {
  const app = testApp()
  await register(app)
  const cookie = await cookieLogin(app)
  expect(formsOf(cookie).some((form) => inspect({ cookie }).includes(form))).toBe(true)
  expect(leaksIn(JSON.stringify({ body: 'a canary "here"' }), ['a canary "here"'])).not.toEqual([])
  expect(leaksIn(Buffer.from('a canary here').toString('hex'), ['a canary here'])).not.toEqual([])
})

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { createAuthClient } from '@auth/client'
import { expect, it } from 'vitest'
import { bundleClient } from './support/bundle.js'

const maximumBytes = 5 * 1024

it('is small: what a page loads of it, minified and compressed', async () => {
  expect(gzipSync(await bundleClient(), { level: 9 }).length).toBeLessThan(maximumBytes)
})

it('needs no page: a server imports it, makes a client and ends, with nothing asked and nothing kept open', async () => {
  const program = `
    globalThis.fetch = () => { throw new Error('asked') }
    const { createAuthClient } = await import('data:text/javascript;base64,${Buffer.from(await bundleClient()).toString('base64')}')
    for (const transport of ['bearer', 'cookie'])
      for (const storage of ['memory', 'localStorage']) {
        const client = createAuthClient({ baseUrl: '/auth', transport, storage })
        if (client.current() !== null || client.storage !== 'memory') throw new Error('not empty')
      }
    console.log('done')`
  const args = ['--input-type=module', '--eval', program]
  expect(await promisify(execFile)(process.execPath, args, { timeout: 50_000 })).toEqual({ stdout: 'done\n', stderr: '' })
})

it.each([
  [{ baseUrl: 'ftp://example.com' }, /baseUrl/],
  [{ baseUrl: 'javascript:alert(1)' }, /baseUrl/],
  [{ baseUrl: 'https://example.com/auth?x=1' }, /baseUrl/],
  [{ baseUrl: 'https://example.com', origins: ['https://api.example.com/'] }, /origins/],
  [{ baseUrl: 'https://example.com', origins: ['null'] }, /origins/],
  [{ baseUrl: 'https://example.com', origins: ['*'] }, /origins/],
  [{ baseUrl: 'https://example.com', refreshAhead: -1 }, /refreshAhead/],
  [{ baseUrl: 'https://example.com', refreshAhead: Number.NaN }, /refreshAhead/],
])('refuses %j when it is made', (options, message) => {
  expect(() => createAuthClient(options)).toThrow(message)
})

it.each([
  ['https://example.com', 'https://example.com/auth/login'],
  ['https://example.com/', 'https://example.com/auth/login'],
  ['https://example.com/auth', 'https://example.com/auth/login'],
  ['https://example.com/api/auth/', 'https://example.com/api/auth/login'],
  [new URL('https://example.com/'), 'https://example.com/auth/login'],
])('finds the routes of %s', async (baseUrl, expected) => {
  let asked: unknown
  const fetch = async (input: unknown): Promise<Response> => {
    asked = input
    return new Response(null, { status: 503 })
  }
  await createAuthClient({ baseUrl, fetch })
    .login({ email: 'a@example.com', password: 'x' })
    .catch(() => undefined)
  expect(asked).toBe(expected)
})

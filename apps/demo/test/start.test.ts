import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openRaw } from '../../../packages/core/src/testing/real-port.js'
import { keptSecret } from '../src/secret.js'
import { createClient, outcome, tokensOf } from './client.js'
import { runDemo, startDemo } from './demo-process.js'
import { newDataDir } from './deployments.js'

const person = { email: 'ada@example.com', password: 'a long enough passphrase' }

async function ending(
  env: Record<string, string>,
  args: readonly string[] = [],
): Promise<{ code: number | null; stderr: string }> {
  const run = runDemo({ PORT: '0', DATA_DIR: await newDataDir(), ...env }, args)
  return { code: await run.exit, stderr: run.output().stderr }
}

describe('npm start', () => {
  it('makes its secret once, for all processes that start together, and for its owner alone to read', async () => {
    const dataDir = join(await newDataDir(), 'made', 'when needed')
    const demos = await Promise.all([1, 2].map(() => startDemo({ DATA_DIR: dataDir })))
    onTestFinished(async () => void (await Promise.all(demos.map((demo) => demo.stop()))))
    const files = await readdir(dataDir)
    expect(files.filter((name) => !name.startsWith('demo.db-'))).toEqual(['auth-secret', 'demo.db'])
    for (const name of files) expect((await stat(join(dataDir, name))).mode & 0o777).toBe(0o600)
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700)
    const file = join(dataDir, 'auth-secret')
    const secret = await readFile(file, 'utf8')
    expect(Buffer.from(secret.trim(), 'base64url')).toHaveLength(32)
    let { refreshToken } = await tokensOf(createClient(demos[0]?.url ?? '')('POST', '/auth/register', { body: person }))
    for (const call of demos.map(({ url }) => createClient(url)))
      ({ refreshToken } = await tokensOf(call('POST', '/auth/refresh', { body: { refreshToken } })))
    const again = await startDemo({ DATA_DIR: dataDir })
    expect(await again.stop()).toBe(0)
    expect(await readFile(file, 'utf8')).toBe(secret)
  })

  it('makes one secret, however many ask for it while it is made', async () => {
    for (let round = 0; round < 5; round++) {
      const dataDir = await newDataDir()
      const asked: Promise<string>[] = []
      for (let i = 0; i < 40; i++) {
        asked.push(keptSecret(dataDir))
        // Each a step behind the other, so that some have not begun to write when the first is done.
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(new Set(await Promise.all(asked)).size).toBe(1)
      expect(await readdir(dataDir)).toEqual(['auth-secret'])
    }
  })

  it('ends rather than run with a secret that is none', async () => {
    const dataDir = await newDataDir()
    await writeFile(join(dataDir, 'auth-secret'), '')
    expect(await ending({ DATA_DIR: dataDir })).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^\S*auth-secret holds no secret.*\n$/),
    })
  })

  it('ends rather than run on a database that is none', async () => {
    const dataDir = await newDataDir()
    await writeFile(
      join(dataDir, 'demo.db'),
      'not a database, for all that its name says, and longer than a header of one is',
    )
    expect(await ending({ DATA_DIR: dataDir })).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^cannot use the database \S*demo\.db: .*\n$/),
    })
  })

  it('says which adapters there are', async () => {
    expect(await ending({}, ['--adapter', 'hapi'])).toEqual({
      code: 1,
      stderr: 'there is no adapter hapi; available: express, fastify, koa\n',
    })
    expect((await ending({}, ['--adaptor', 'express'])).code).toBe(1)
  })

  it.each(['express', 'fastify', 'koa'])('serves the same page and API on %s', async (adapter) => {
    const demo = await startDemo({}, ['--adapter', adapter])
    const call = createClient(demo.url)
    const person = { email: 'ada@example.com', password: 'a long enough passphrase' }
    const { accessToken: token } = await tokensOf(call('POST', '/auth/register', { body: person }))
    expect((await call('POST', '/api/orders', { token, body: { item: 'tea' } })).status).toBe(201)
    expect((await call('GET', '/api/orders', { token })).body).toMatchObject({ orders: [{ item: 'tea' }] })
    expect(await outcome(call('POST', '/api/orders', { token, body: { item: 7 } }))).toBe('422 validation_failed')
    expect(await outcome(call('GET', '/api/orders'))).toBe('401 credentials_missing')
    expect(await outcome(call('GET', '/api/admin', { token }))).toBe('403 insufficient_role')
    expect(await outcome(call('GET', '/nowhere', { token }))).toBe('404 not_found')
    const page = await fetch(demo.url)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    const script = await fetch(`${demo.url}/app.js`)
    expect([script.status, script.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8'])
    for (const { headers } of [page, script, await fetch(`${demo.url}/auth/me`)]) {
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    }
    expect(await demo.stop()).toBe(0)
  })

  it('says what has to be set together', async () => {
    const { code, stderr } = await ending({ DEMO_CLIENT_ID: 'x', DEMO_REDIRECT_URI: 'y', DEMO_CLIENT_SECRET: '' })
    const names = 'DEMO_CLIENT_ID, DEMO_CLIENT_SECRET and DEMO_REDIRECT_URI'
    expect([code, stderr]).toEqual([1, `${names} go together: set all or none\n`])
  })

  it('says that its port is taken', async () => {
    const demo = await startDemo()
    onTestFinished(async () => void (await demo.stop()))
    const { code, stderr } = await ending({ PORT: String(demo.port) })
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^cannot listen on port \d+: .*EADDRINUSE.*\n$/)])
  })

  it('does as its environment says', async () => {
    const demo = await startDemo({
      ACCESS_TTL: '60',
      REFRESH_TTL: '90s',
      REGISTRATION: 'closed',
      ALGORITHM: 'ES256',
      ...admin,
    })
    onTestFinished(async () => void (await demo.stop()))
    const call = createClient(demo.url)
    expect(await outcome(call('POST', '/auth/register', { body: person }))).toBe('403 registration_closed')
    const { body } = await call('POST', '/auth/login', {
      body: { email: admin.DEMO_ADMIN_EMAIL, password: admin.DEMO_ADMIN_PASSWORD },
    })
    expect(body).toMatchObject({ expiresIn: 60, refreshExpiresIn: 90, user: { roles: ['admin'] } })
    expect((await call('GET', '/auth/jwks.json')).body.keys).toMatchObject([{ alg: 'ES256' }])
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('on %s lets what is under way finish, and ends with 0', async (signal) => {
    const demo = await startDemo()
    const call = createClient(demo.url)
    await tokensOf(call('POST', '/auth/register', { body: person }))
    const body = JSON.stringify(person)
    const { socket, until } = openRaw(demo.port)
    const head = ['POST /auth/login HTTP/1.1', 'Host: a', 'Content-Type: application/json', `Content-Length: ${body.length}`]
    socket.write(`${head.join('\r\n')}\r\nExpect: 100-continue\r\n\r\n`)
    // The handler has the request now and waits for its body.
    await until(/100 Continue/)
    demo.child.kill(signal)
    while (
      await fetch(demo.url).then(
        (answer) => answer.ok,
        () => false,
      )
    );
    socket.write(body)
    await until(/HTTP\/1.1 200 OK/)
    expect(await demo.exit).toBe(0)
    expect(demo.output().stderr).toBe('')
  })
})

const admin = { DEMO_ADMIN_EMAIL: 'root@example.com', DEMO_ADMIN_PASSWORD: 'another long passphrase' }

describe('the page', () => {
  it('comes with headers that keep others out of it', async () => {
    const demo = await startDemo()
    onTestFinished(async () => void (await demo.stop()))
    const call = createClient(demo.url)
    const page = await call('GET', '/')
    expect(page.headers.get('content-type')).toMatch(/^text\/html/)
    const policy = page.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|\*/)
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    expect(page.text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/)
    for (const path of ['/app.js', '/base.css', '/controls.css', '/views.css', '/icon.svg'])
      expect(await outcome(call('GET', path))).toBe('200')
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeOf } from './lib/consumers.mjs'
import { writeNextApp } from './lib/next-project.mjs'
import { installTarballs, packAll } from './lib/pack.mjs'
import { run } from './lib/run.mjs'
import { visit, welcome, withServer } from './lib/visits.mjs'

/** For an installation on a busy machine. */
const longestMs = 600_000
const env = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production', AUTH_SECRET: crypto.randomUUID() + crypto.randomUUID() }

let directory: string
const nodes = new Map<string, string>([['this', process.execPath]])

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'auth-sdk-next-'))
  for (const version of ['22', '24', '26']) nodes.set(version, await nodeOf(version, directory))
}, longestMs)

afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Next 15 has more than the page's blocks to show: apps/next-demo/test looks at it. */
describe('the app of docs/next.md', () => {
  const project = (): string => join(directory, 'app')
  const program = (): string => join(project(), 'node_modules', 'next', 'dist', 'bin', 'next')

  beforeAll(async () => {
    const tarballs = await packAll(join(directory, 'tarballs'))
    const ours = ['@auth/core', '@auth/next'].map((name) => tarballs.get(name) ?? '')
    const needs = [
      'next@16.4.6',
      'react@19.3.0',
      'react-dom@19.3.0',
      'typescript@6.0.3',
      '@types/node@20',
      '@types/react@19.3.3',
    ]
    const { code, output } = await installTarballs(project(), ours, needs)
    expect(code, output).toBe(0)
    writeNextApp(project())
  }, longestMs)

  it.each(['this', '22', '24', '26'])('is built, with its types, and serves on Node: %s', async (version) => {
    const node = nodes.get(version) ?? ''
    const built = await run(node, [program(), 'build'], { cwd: project(), env: { ...process.env, ...env } })
    expect(built.code, built.output).toBe(0)
    const start = [program(), 'start', '--port', '0']
    const seen = await withServer(node, start, { cwd: project(), env }, async (origin) => ({
      visited: await visit(origin),
      stranger: await stranger(origin),
    }))
    expect(seen).toEqual({
      visited: welcome,
      stranger: { keys: 1, status: 307, location: '/sign-in?returnTo=%2Faccount', form: true },
    })
  })
})

/** What somebody without a session sees: the keys, and instead of a page the one to sign in at. */
async function stranger(origin: string) {
  const { keys } = (await (await fetch(`${origin}/.well-known/jwks.json`)).json()) as { keys: unknown[] }
  const headers = { 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' }
  const { status, headers: answer } = await fetch(`${origin}/account`, { redirect: 'manual', headers })
  const form = await (await fetch(`${origin}/sign-in`, { headers })).text()
  const { pathname, search } = new URL(answer.get('location') ?? '', origin)
  return { keys: keys.length, status, location: pathname + search, form: form.includes('autoComplete="username"') }
}

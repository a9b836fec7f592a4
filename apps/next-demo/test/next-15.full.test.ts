import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { httpConformance } from '@auth/core/testing'
import * as vitest from 'vitest'
import { appDirectory, type NextApp, nextApp } from '../../../packages/next/test/support/next-app.js'
import { pageTests } from '../../../packages/next/test/support/page-tests.js'
import { installTarballs, packAll } from '../../../scripts/lib/pack.mjs'

/** For an installation on a busy machine. */
const longestMs = 600_000
// Next would fetch the compiler and the types by itself.
const needs = [
  'next@15.5.29',
  'react@19.3.0',
  'react-dom@19.3.0',
  'typescript@6.0.3',
  '@types/node@20',
  '@types/react@19.3.3',
]

let directory: string
let app: NextApp
vitest.beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'auth-sdk-next-15-'))
  const tarballs = await packAll(join(directory, 'tarballs'))
  const ours = ['@auth/core', '@auth/next'].map((name) => tarballs.get(name) ?? '')
  const { code, output } = await installTarballs(directory, ours, needs)
  vitest.expect(code, output).toBe(0)
  app = nextApp(copyApp(), join(directory, 'node_modules', 'next'))
  await app.build()
}, longestMs)

vitest.afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** The app of `test/app`, with the `middleware.ts` that Next 15 has in the place of `proxy.ts`. */
function copyApp(): string {
  const copy = join(directory, 'app')
  cpSync(appDirectory, copy, { recursive: true, filter: (path) => !/\.next|node_modules|tsbuildinfo/.test(path) })
  const middleware = join(copy, 'middleware.ts')
  renameSync(join(copy, 'proxy.ts'), middleware)
  const text = readFileSync(middleware, 'utf8')
    .replace('function proxy(', 'function middleware(')
    .replace('config = {', "config = { runtime: 'nodejs',")
  writeFileSync(middleware, text)
  return copy
}

vitest.describe('Next 15', () => {
  httpConformance(vitest, (settings) => app.start(settings), { serverAnswersFirst: true })
})

vitest.describe('pages and actions on Next 15', () => pageTests({ start: (settings) => app.start(settings) }))

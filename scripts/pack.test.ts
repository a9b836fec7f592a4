import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runNpm } from './lib/npm.mjs'
import { installTarballs, packAll, packages } from './lib/pack.mjs'
import { run, runNode } from './lib/run.mjs'

const smoke = fileURLToPath(new URL('./test-fixtures/smoke.mjs', import.meta.url))

let directory: string
let tarballs: Map<string, string>

const tarball = (name: string): string => tarballs.get(name) ?? ''

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'auth-sdk-pack-'))
  tarballs = await packAll(join(directory, 'tarballs'))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe('the packed packages', () => {
  it('install together into an empty project, load by import and by require, and work', async () => {
    const app = join(directory, 'app')
    // Next brings some hundred megabytes with it; a full run has its adapter among the others.
    const light = [...tarballs].flatMap(([name, file]) => (name === '@auth/next' ? [] : [file]))
    const installed = await installTarballs(app, light)
    expect(installed, installed.output).toMatchObject({ code: 0 })

    copyFileSync(smoke, join(app, 'smoke.mjs'))
    const { code, output } = await runNode(join(app, 'smoke.mjs'), [], { cwd: app })
    const steps = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(steps.filter(({ error }) => error !== undefined)).toEqual([])
    expect(steps.map(({ name }) => name)).toContain('require @auth/express')
    expect(code).toBe(0)
  })

  it('fail to install without the core, instead of fetching somebody else’s', async () => {
    const app = join(directory, 'alone')
    const { code, output } = await installTarballs(app, [tarball('@auth/express')])
    expect(code).not.toBe(0)
    expect(output).toMatch(/ETARGET[\s\S]*@auth\/core@1\.0\.0-sdk\.\d+/)
    expect(existsSync(join(app, 'node_modules', '@auth', 'core'))).toBe(false)
  })

  it('ask for exactly the version that they were built with', async () => {
    const core = packages().find(({ manifest }) => manifest.name === '@auth/core')?.manifest
    for (const { manifest } of packages()) {
      const { output } = await run('tar', ['-xOf', tarball(manifest.name), 'package/package.json'])
      const packed = JSON.parse(output)
      expect(packed.version).toBe(core?.version)
      // The client stands alone: it has no dependency at all.
      if (manifest.name === '@auth/client') expect(packed.dependencies).toBeUndefined()
      else if (manifest.name !== '@auth/core') expect(packed.dependencies['@auth/core']).toBe(core?.version)
    }
  })

  it('hold what is built and what describes it, and nothing else', async () => {
    for (const file of tarballs.values()) {
      const { output } = await run('tar', ['-tf', file])
      const foreign = output
        .trim()
        .split('\n')
        .filter((name) => !/^package\/(dist\/[\w.-]+|package\.json|README\.md|LICENSE)$/.test(name))
      expect(foreign).toEqual([])
    }
  })

  it('cannot be published by accident', async () => {
    const [first] = packages()
    const { code, output } = await runNpm(['publish', '--dry-run', '--tag', 'next'], { cwd: first?.path ?? '' })
    expect(output).toContain('not for publishing')
    expect(code).not.toBe(0)
    const guards = packages().map(({ path }) => {
      const { private: isPrivate, scripts } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
      return { isPrivate, script: scripts.prepublishOnly }
    })
    expect(new Set(guards.map(({ script }) => script)).size).toBe(1)
    expect(guards.every(({ isPrivate, script }) => isPrivate === true && script.length > 0)).toBe(true)
  })
})

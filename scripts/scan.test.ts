import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { root } from './lib/paths.mjs'

let key: string
let other: string
let directory: string
beforeAll(async () => {
  // As built, which is what the script itself loads.
  const built = pathToFileURL(join(root, 'packages', 'core', 'dist', 'index.js')).href
  const { createAuth, memoryStores } = await import(built)
  const auth = createAuth({ issuer: 'https://app.example.com', secret: crypto.randomUUID(), stores: memoryStores() })
  const { id: userId } = await auth.accounts.create({ email: 'ada@example.com', password: 'a long enough passphrase' })
  const make = async (): Promise<string> => (await auth.apiKeys.create({ userId, name: 'bot', scopes: [] })).key
  key = await make()
  other = await make()
})
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'auth-test-scan-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function scan(args: readonly string[], input = ''): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts', 'scan.mjs'), ...args], {
    cwd: directory,
    input,
    encoding: 'utf8',
    env: { ...process.env, INIT_CWD: directory },
  })
  expect(stdout + stderr).not.toContain(key.slice(0, 20))
  return { code: status, output: stdout }
}

function git(...args: string[]): void {
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: directory, stdio: 'ignore' })
}

const masked = (text: string): string => `${text.slice(0, 9)}…`

describe('npm run scan', () => {
  it('AK-01 finds keys in a tree, by file and line, masked, and ends with 1', () => {
    mkdirSync(join(directory, 'sub'))
    writeFileSync(join(directory, 'sub', '.env'), `A=1\nKEY=${key}\n`)
    writeFileSync(join(directory, 'wide.txt'), Buffer.from(`\ufeff\r\nkey ${other}`, 'utf16le'))
    writeFileSync(join(directory, 'big.bin'), Buffer.concat([Buffer.alloc(200_000, 'x\n'), Buffer.from(key)]))
    symlinkSync('sub', join(directory, 'again'))
    const { code, output } = scan([directory])
    expect(code).toBe(1)
    const lines = [`sub/.env:2 ${masked(key)}`, `wide.txt:2 ${masked(other)}`, `big.bin:100001 ${masked(key)}`]
    expect(output.trim().split('\n').sort()).toEqual(lines.sort())
  })

  it('ends with 0 where there are only look-alikes', () => {
    const last = key.endsWith('a') ? 'b' : 'a'
    writeFileSync(join(directory, 'a.txt'), [`${key.slice(0, -1)}${last}`, 'ak_live_…', 'x'.repeat(54)].join('\n'))
    expect(scan(['.'])).toEqual({ code: 0, output: '' })
    expect(scan(['-'], 'nothing here')).toEqual({ code: 0, output: '' })
  })

  it('finds what was committed and taken out again, in messages and in stashes', () => {
    git('init', '-q')
    writeFileSync(join(directory, 'config.json'), `{\n "key": "${key}"\n}\n`)
    git('add', '-A')
    git('commit', '-qm', 'Begin')
    writeFileSync(join(directory, 'config.json'), '{}\n')
    git('commit', '-qam', `Stop using ${other}`)
    writeFileSync(join(directory, 'config.json'), `${other}\n`)
    git('stash')
    expect(scan(['.', '--no-history'])).toEqual({ code: 0, output: '' })
    const { code, output } = scan(['.'])
    expect(code).toBe(1)
    expect(output).toMatch(/^config\.json \(history, blob [0-9a-f]{12}\):2 ak_/m)
    expect(output).toMatch(/^commit \(history, commit [0-9a-f]{12}\):\d+ ak_/m)
    expect(output).toMatch(/^config\.json \(history, blob [0-9a-f]{12}\):1 ak_/m)
  })

  it('runs nothing that the scanned repository names, and lets no name write lines of its own', () => {
    const ran = join(directory, 'ran')
    git('init', '-q')
    writeFileSync(join(directory, 'a\n\u001b[2Jb'), key)
    git('add', '-A')
    git('commit', '-qm', 'Begin')
    const blob = execFileSync('git', ['rev-parse', 'HEAD^{tree}'], { cwd: directory, encoding: 'utf8' }).trim()
    rmSync(join(directory, '.git', 'objects', blob.slice(0, 2), blob.slice(2)))
    // A clone without all objects: Git fetches what it lacks.
    git('config', 'core.repositoryformatversion', '1')
    git('config', 'extensions.partialClone', 'origin')
    git('config', 'remote.origin.promisor', 'true')
    git('config', 'remote.origin.url', 'ssh://host/x')
    git('config', 'core.sshCommand', `touch '${ran}'; false`)
    const { code, output } = scan(['.'])
    expect(existsSync(ran)).toBe(false)
    expect(code).toBe(1)
    expect(scan(['.', '--no-history']).output).toBe(`a\\n\\u001b[2Jb:1 ${masked(key)}\n`)
    expect(output).not.toContain('\u001b')
  })

  it('reads what is piped in, and says how it is called', () => {
    const text = `${'x'.repeat(100_000)}\n${key}`
    expect(scan(['-'], text)).toEqual({ code: 1, output: `(standard input):2 ${masked(key)}\n` })
    expect(scan([]).code).toBe(1)
    expect(scan(['no-such-place']).code).toBe(1)
  })
})

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { processStart, withLock } from './lock.mjs'
import { runNode } from './run.mjs'

const holder = fileURLToPath(new URL('../test-fixtures/lock-holder.mjs', import.meta.url))

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lock-'))
})

afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

function leaveLock(owner: unknown): string {
  const path = join(directory, 'lock')
  mkdirSync(path)
  writeFileSync(join(path, 'left'), typeof owner === 'string' ? owner : JSON.stringify(owner))
  return path
}

describe('withLock', () => {
  it('lets one process in at a time, also while owners die inside', async () => {
    const log = join(directory, 'log')
    const start = (end: string) => runNode(holder, [join(directory, 'lock'), log, '5', end])
    const finished = await Promise.all(['die', 'leave', 'die', 'leave', 'die', 'leave'].map(start))
    expect(finished.map(({ output }) => output)).toEqual(['', '', '', '', '', ''])

    const steps = readFileSync(log, 'utf8').trim().split('\n')
    expect(steps).toHaveLength(60)
    for (let step = 0; step < steps.length; step += 2) {
      const pid = steps[step]?.replace('enter ', '')
      expect(steps.slice(step, step + 2)).toEqual([`enter ${pid}`, `leave ${pid}`])
    }
  })

  it.each([
    ['an owner whose process id is in use again', { pid: process.pid, startedAt: 'earlier', host: hostname() }],
    ['an owner that is gone', { pid: 2 ** 22 + 1, startedAt: '1', host: hostname() }],
    ['a crash of the machine', ''],
  ])('takes over what is left of %s', async (_of, owner) => {
    const path = leaveLock(owner)
    expect(await withLock(path, async () => 'in')).toBe('in')
  })

  it('waits for a living owner, saying so once', async () => {
    const path = leaveLock({ pid: process.pid, startedAt: processStart(process.pid), host: hostname() })
    const waits: number[] = []
    const onWait = ({ pid }: { pid: number }): void => {
      waits.push(pid)
      setTimeout(() => rmSync(join(path, 'left')), 20)
    }
    await withLock(path, async () => {}, { onWait, pollMs: 1 })
    expect(waits).toEqual([process.pid])
  })

  it('opens again when the body throws', async () => {
    const path = join(directory, 'lock')
    await expect(withLock(path, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(await withLock(path, async () => 'in')).toBe('in')
  })
})

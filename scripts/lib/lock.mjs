import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

// The lock is a directory with one file in it, named after its owner. A new owner moves a prepared directory to the
// lock's place, which the system refuses while that place holds a directory that is not empty. A dead owner's lock is
// opened by deleting that owner's file by its name: only one process succeeds, and none can delete a live owner's.

/**
 * @typedef {object} Owner
 * @property {number} pid
 * @property {string} startedAt When that process started, as the system tells it: process ids are used again.
 * @property {string} host
 */

/**
 * @param {number} pid
 * @returns {string | null} Null where there is no such process.
 */
export function processStart(pid) {
  try {
    if (process.platform === 'linux') {
      // The 22nd field. The second is the program's name in parentheses, which may itself contain anything.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return fields[0] === 'Z' ? null : (fields[19] ?? null)
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null
  } catch {
    return null
  }
}

/** @param {Owner} owner */
function isAlive(owner) {
  // Another machine's processes cannot be seen from here.
  return owner.host !== hostname() || processStart(owner.pid) === owner.startedAt
}

/**
 * Looks at who holds the lock and opens it where that process is dead.
 * @param {string} path
 * @returns {Owner | null} Null where the lock may be free.
 */
function liveOwner(path) {
  try {
    const name = readdirSync(path)[0]
    if (name === undefined) return null
    const file = join(path, name)
    const content = readFileSync(file, 'utf8')
    // The file is complete before it appears here, so that an empty one is left from a crash of the whole machine.
    const owner = content === '' ? null : /** @type {Owner} */ (JSON.parse(content))
    if (owner !== null && isAlive(owner)) return owner
    unlinkSync(file)
    return null
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    throw error
  }
}

/**
 * @param {string} path
 * @param {string} id
 */
function tryTake(path, id) {
  const prepared = `${path}.${id}`
  mkdirSync(prepared, { recursive: true })
  writeFileSync(
    join(prepared, id),
    JSON.stringify({ pid: process.pid, startedAt: processStart(process.pid), host: hostname() }),
  )
  try {
    renameSync(prepared, path)
    return true
  } catch (error) {
    rmSync(prepared, { recursive: true, force: true })
    if (isCode(error, 'ENOTEMPTY') || isCode(error, 'EEXIST')) return false
    throw error
  }
}

/**
 * @param {unknown} error
 * @param {string} code
 */
function isCode(error, code) {
  return error instanceof Error && 'code' in error && error.code === code
}

/**
 * Runs a body while no other process runs one under the same lock. A lock whose owner died is taken over.
 * @template T
 * @param {string} path The lock's place; nothing else may use it.
 * @param {() => Promise<T>} body
 * @param {{ onWait?: (owner: Owner) => void, pollMs?: number }} [options] `onWait` is called once, when there is somebody to wait for.
 * @returns {Promise<T>}
 */
export async function withLock(path, body, { onWait, pollMs = 150 } = {}) {
  const id = `${process.pid}-${randomUUID()}`
  mkdirSync(dirname(path), { recursive: true })
  let told = false
  for (;;) {
    const owner = liveOwner(path)
    if (owner === null && tryTake(path, id)) break
    if (owner !== null && !told) onWait?.(owner)
    told ||= owner !== null
    await wait(pollMs)
  }
  const release = () => rmSync(join(path, id), { force: true })
  process.once('exit', release)
  try {
    return await body()
  } finally {
    release()
    process.off('exit', release)
  }
}

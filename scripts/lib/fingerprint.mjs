import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/**
 * All files below a path, sorted; the path itself where it is a file, none where it is absent.
 * @param {string} path
 * @returns {string[]}
 */
export function filesBelow(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return []
  if (!stat.isDirectory()) return [path]
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)))
}

/**
 * A digest of files' names and contents, and of some values beside them.
 * @param {string} base Directory that the names are relative to.
 * @param {readonly string[]} files
 * @param {readonly string[]} [values]
 */
export function fingerprint(base, files, values = []) {
  const hash = createHash('sha256')
  for (const value of values) hash.update(`${value.length}:${value}`)
  for (const file of files) {
    const content = readFileSync(file)
    hash.update(`${relative(base, file)}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

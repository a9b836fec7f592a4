import { spawn } from 'node:child_process'
import { createReadStream, lstatSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Problem } from './problem.mjs'
import { run } from './run.mjs'

/**
 * @typedef {object} Finding
 * @property {string} place File, or file and object of the history.
 * @property {number} line Counted from 1.
 * @property {string} masked The beginning of the key, which is no secret.
 * @property {string} key
 */

/** @typedef {(text: string) => readonly { key: string, index: number }[]} FindKeys */

/** What is scanned may be anybody's: its settings must not make Git fetch what it lacks, which runs what they name. */
const env = { ...process.env, GIT_ALLOW_PROTOCOL: 'none', GIT_NO_LAZY_FETCH: '1' }

/** More than the longest key: what of a chunk's end is looked at again with the next one. */
const overlap = 256
const shown = 6

/**
 * Looks for keys in bytes as they come, with bounded memory.
 * @param {string} place
 * @param {AsyncIterable<Buffer>} chunks
 * @param {FindKeys} findKeys
 * @returns {Promise<Finding[]>}
 */
export async function scanChunks(place, chunks, findKeys) {
  /** @type {Map<string, Finding>} Each key once in a line. */
  const found = new Map()
  let kept = ''
  let line = 1
  for await (const chunk of chunks) {
    // Keys are ASCII. Without its zeros, UTF-16 is as well.
    const text = kept + chunk.toString('latin1').replaceAll('\0', '')
    for (const { key, index } of findKeys(text)) {
      const at = line + countLines(text.slice(0, index))
      found.set(`${at}:${key}`, { place, line: at, masked: mask(key), key })
    }
    const cut = Math.max(0, text.length - overlap)
    line += countLines(text.slice(0, cut))
    kept = text.slice(cut)
  }
  return [...found.values()]
}

/** @param {string} text */
function countLines(text) {
  return text.split('\n').length - 1
}

/** @param {string} key */
function mask(key) {
  return `${key.slice(0, key.lastIndexOf('_') + 1 + shown)}…`
}

/**
 * Looks into a file, or into every file below a directory. Links are not followed, and Git's own files are left out.
 * @param {string} path
 * @param {FindKeys} findKeys
 * @returns {Promise<Finding[]>}
 */
export async function scanTree(path, findKeys) {
  /** @type {Finding[]} */
  const findings = []
  for (const file of filesOf(path)) {
    findings.push(...(await scanChunks(relative(process.cwd(), file) || file, createReadStream(file), findKeys)))
  }
  return findings
}

/**
 * @param {string} path
 * @returns {Generator<string>}
 */
function* filesOf(path) {
  const kind = lstatSync(path, { throwIfNoEntry: false })
  if (!kind) throw new Problem(`There is no ${path}.`)
  if (kind.isFile()) yield path
  if (!kind.isDirectory()) return
  for (const name of readdirSync(path)) if (name !== '.git') yield* filesOf(join(path, name))
}

/**
 * Looks into everything that a repository's branches, tags, stashes and log of moves lead to: every version of every file,
 * and the messages of commits and tags.
 * @param {string} path A directory in the repository.
 * @param {FindKeys} findKeys
 * @returns {Promise<Finding[]>}
 */
export async function scanHistory(path, findKeys) {
  const listed = await run('git', ['-C', path, 'rev-list', '--objects', '--all', '--reflog', '--'], { env })
  if (listed.code !== 0) throw new Problem(`The history of ${path} cannot be read: ${listed.output.trim()}`)
  /** @type {Map<string, string>} The first path under which an object is known. */
  const names = new Map()
  for (const entry of listed.output.split('\n')) {
    const [id = '', ...name] = entry.split(' ')
    if (id !== '' && !names.has(id)) names.set(id, name.join(' '))
  }
  const tags = await run('git', ['-C', path, 'for-each-ref', '--format=%(objectname)', 'refs/tags'], { env })
  for (const id of tags.output.split('\n').filter(Boolean)) if (!names.has(id)) names.set(id, 'tag')
  /** @type {Finding[]} */
  const findings = []
  for await (const { id, kind, content } of readObjects(path, [...names.keys()])) {
    if (kind === 'tree') continue
    const place = `${names.get(id) || kind} (history, ${kind} ${id.slice(0, 12)})`
    findings.push(...(await scanChunks(place, once(content), findKeys)))
  }
  return findings
}

/** @param {Buffer} content */
async function* once(content) {
  yield content
}

/**
 * The contents of objects, by one `git cat-file --batch`: a line `<id> <kind> <size>`, the content, a line's end.
 * @param {string} path
 * @param {readonly string[]} ids
 * @returns {AsyncGenerator<{ id: string, kind: string, content: Buffer }>}
 */
async function* readObjects(path, ids) {
  const git = spawn('git', ['-C', path, 'cat-file', '--batch'], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  git.stdin.on('error', () => {}) // Its end is seen below.
  git.stdin.end(`${ids.join('\n')}\n`)
  let held = Buffer.alloc(0)
  for await (const chunk of git.stdout) {
    held = Buffer.concat([held, chunk])
    for (;;) {
      const headEnd = held.indexOf(10)
      const [id = '', kind = '', size = ''] = held.subarray(0, Math.max(0, headEnd)).toString('latin1').split(' ')
      const length = kind === 'missing' ? -1 : Number(size)
      const end = headEnd + 1 + length + 1
      if (headEnd < 0 || held.length < end) break
      if (length >= 0) yield { id, kind, content: held.subarray(headEnd + 1, end - 1) }
      held = held.subarray(end)
    }
  }
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { canInstallPackages, installPackage } from './debian.mjs'
import { Problem } from './problem.mjs'
import { run, tail } from './run.mjs'

/**
 * @typedef {object} Server A server for the tests.
 * @property {string} url
 * @property {() => Promise<void>} stop Ends it, and removes its data. Does nothing to a server that was given.
 */

const startsWithinMs = 60_000
const keeperProgram = fileURLToPath(new URL('./keep-server.mjs', import.meta.url))

/**
 * A Postgres for the tests: the one that AUTH_TEST_POSTGRES_URL names, else one started from this machine's binaries on
 * a free port with data of its own, else the same after Debian's package was installed. Its user may create databases.
 * @returns {Promise<Server>}
 */
export async function startPostgres() {
  const given = process.env.AUTH_TEST_POSTGRES_URL
  if (given !== undefined) return { url: given, stop: async () => {} }
  return startOwnPostgres(await postgresPrograms())
}

/**
 * @param {string} programs Directory of the binaries.
 * @param {number} triesLeft The port may be taken between being found free and being used.
 * @returns {Promise<Server>}
 */
async function startOwnPostgres(programs, triesLeft = 3) {
  const account = unprivileged()
  const directory = makeDirectory('postgres', account)
  const data = join(directory, 'data')
  const create = ['-D', data, '-U', 'auth', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  const { code, output } = await run(join(programs, 'initdb'), create, { cwd: directory, ...account })
  if (code !== 0) {
    rmSync(directory, { recursive: true, force: true })
    throw new Problem(`initdb failed:\n${tail(output, 15)}`)
  }
  const port = await freePort()
  // Fast rather than durable: what is lost with the machine is the test. A killed server loses nothing even so.
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    full_page_writes: 'off',
    max_connections: 400,
    max_prepared_transactions: 10,
  }
  const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  const isReady = async () =>
    (await run(join(programs, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', `${port}`])).code === 0
  const server = {
    program: join(programs, 'postgres'),
    args,
    ...account,
    signal: /** @type {const} */ ('SIGQUIT'),
    directory,
  }
  try {
    return { url: `postgres://auth@127.0.0.1:${port}/postgres`, stop: await keep(server, isReady) }
  } catch (error) {
    if (triesLeft === 0) throw error
    return startOwnPostgres(programs, triesLeft - 1)
  }
}

/**
 * What tests start servers of their own with: the directory of the programs and whom to run them as, as JSON.
 * @returns {Promise<string>}
 */
export async function describePostgres() {
  return JSON.stringify({ directory: await postgresPrograms(), ...unprivileged() })
}

/**
 * The directory of Postgres's programs, which are installed where they may be.
 * @returns {Promise<string>}
 */
async function postgresPrograms() {
  const found = findPostgres()
  if (found !== undefined) return found
  if (canInstallPackages()) await installPackage('postgresql', () => findPostgres() !== undefined)
  const installed = findPostgres()
  if (installed !== undefined) return installed
  throw new Problem(
    'The tests need Postgres, 13 or newer. Install it (Debian: `sudo apt-get install -y postgresql`; macOS: `brew install postgresql@17`)\n' +
      '  or name a server whose user may create databases: AUTH_TEST_POSTGRES_URL=postgres://user@host:5432/postgres',
  )
}

/** @returns {string | undefined} */
function findPostgres() {
  const list = (/** @type {string} */ path) => (existsSync(path) ? readdirSync(path) : [])
  const newestFirst = (/** @type {string} */ a, /** @type {string} */ b) => Number.parseInt(b, 10) - Number.parseInt(a, 10)
  const debian = list('/usr/lib/postgresql').sort(newestFirst)
  const homebrew = ['/opt/homebrew/opt', '/usr/local/opt'].flatMap((base) =>
    list(base)
      .filter((name) => name.startsWith('postgresql'))
      .map((name) => join(base, name, 'bin')),
  )
  const places = [
    ...debian.map((name) => `/usr/lib/postgresql/${name}/bin`),
    ...homebrew,
    ...(process.env.PATH ?? '').split(delimiter),
  ]
  return places.find((place) => ['initdb', 'postgres', 'pg_isready'].every((name) => existsSync(join(place, name))))
}

/**
 * Whom a server runs as: Postgres refuses to run as root.
 * @returns {{ uid?: number, gid?: number }}
 */
function unprivileged() {
  if (process.getuid?.() !== 0) return {}
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n')
  const account = ['postgres', 'nobody'].map((name) => accounts.find((line) => line.startsWith(`${name}:`))).find(Boolean)
  if (account === undefined)
    throw new Problem('Postgres does not run as root, and there is no user postgres or nobody to run it as.')
  const [, , uid, gid] = account.split(':')
  return { uid: Number(uid), gid: Number(gid) }
}

/**
 * A directory for a server's data, which is removed with the server.
 * @param {string} name
 * @param {{ uid?: number, gid?: number }} owner
 */
export function makeDirectory(name, { uid, gid }) {
  const directory = mkdtempSync(join(tmpdir(), `auth-test-${name}-`))
  if (uid !== undefined && gid !== undefined) chownSync(directory, uid, gid)
  return directory
}

/** @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/**
 * Starts a server that ends with this process, however that ends, and waits until it answers.
 * @param {{ program: string, args: readonly string[], uid?: number, gid?: number, signal: NodeJS.Signals, directory: string }} server
 * @param {() => Promise<boolean>} isReady
 * @returns {Promise<() => Promise<void>>} How to stop it.
 */
export async function keep(server, isReady) {
  const keeper = spawn(process.execPath, [keeperProgram, JSON.stringify(server)], { stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [keeper.stdout, keeper.stderr])
    stream.on('data', (chunk) => (output = `${output}${chunk}`.slice(-10_000)))
  let isOver = false
  const over = once(keeper, 'close').then(() => {
    isOver = true
  })
  const stop = async () => {
    keeper.stdin.end()
    await over
  }
  const deadline = Date.now() + startsWithinMs
  while (!(await isReady())) {
    if (isOver) throw new Problem(`${server.program} ended at once:\n${tail(output, 15)}`)
    if (Date.now() > deadline) {
      await stop()
      throw new Problem(`${server.program} did not answer within ${startsWithinMs / 1000} s:\n${tail(output, 15)}`)
    }
    await wait(50)
  }
  return stop
}

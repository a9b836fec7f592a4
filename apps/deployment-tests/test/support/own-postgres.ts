import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { serverUrl } from '../../../../packages/redis/test/support/clients.js'
import { freePort, until } from '../../../../packages/redis/test/support/own-redis.js'

/** A Postgres of one test's own, to be stopped, paused and failed. */
export interface OwnPostgres {
  readonly port: number
  /** Of a database that is there. */
  url(port?: number): string
  /** Runs a statement as its owner. */
  ask(statement: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Kills it, as a crash of the machine would. */
  kill(): Promise<void>
  /** Starts it with what it kept. */
  start(): Promise<void>
  /** Stops all of its processes where they are, until the answer is called. */
  pause(): () => void
  /** A second server that follows this one. */
  follow(): Promise<OwnPostgres>
  remove(): Promise<void>
}

interface Account {
  readonly uid?: number
  readonly gid?: number
}

const settings = ['fsync=off', 'full_page_writes=off', 'unix_socket_directories=', 'listen_addresses=127.0.0.1']

/** Starts a server with a database of its own. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
  return start((programs, data, account) => {
    const create = ['-D', data, '-U', 'auth', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
    execFileSync(join(programs, 'initdb'), create, { ...account, cwd: tmpdir(), stdio: 'ignore' })
  })
}

async function start(fill: (programs: string, data: string, account: Account) => void): Promise<OwnPostgres> {
  const { directory: programs, ...account } = JSON.parse(await serverUrl('postgres-programs')) as Account & {
    directory: string
  }
  const directory = mkdtempSync(join(tmpdir(), 'auth-test-own-postgres-'))
  if (account.uid !== undefined && account.gid !== undefined) chownSync(directory, account.uid, account.gid)
  const data = join(directory, 'data')
  fill(programs, data, account)
  const port = await freePort()
  let server: ChildProcess | undefined

  const own: OwnPostgres = {
    port,
    url: (at = port) => `postgres://auth@127.0.0.1:${at}/postgres`,
    async ask(statement) {
      const client = new pg.Client({ connectionString: own.url() })
      client.on('error', () => undefined)
      await client.connect()
      try {
        return (await client.query(statement)).rows
      } finally {
        await client.end()
      }
    },
    async start() {
      const args = ['-D', data, '-p', `${port}`, ...settings.flatMap((setting) => ['-c', setting])]
      server = spawn(join(programs, 'postgres'), args, { ...account, cwd: directory, stdio: 'ignore' })
      await until(async () => (await own.ask('select 1')).length === 1)
    },
    async kill() {
      if (!server || server.exitCode !== null || server.signalCode !== null) return
      const over = once(server, 'exit')
      server.kill('SIGQUIT') // Without a checkpoint, but its processes with it.
      await over
    },
    pause() {
      const root = server?.pid ?? 0
      signal(root, 'SIGSTOP') // First, so that it begins no more processes.
      const pids = familyOf(root)
      for (const pid of pids) signal(pid, 'SIGSTOP')
      return () => {
        for (const pid of pids) signal(pid, 'SIGCONT')
      }
    },
    follow: () =>
      start((_, copy, owner) => {
        const from = ['-h', '127.0.0.1', '-p', `${port}`, '-U', 'auth', '-D', copy, '-R', '-X', 'stream', '-c', 'fast']
        execFileSync(join(programs, 'pg_basebackup'), from, { ...owner, cwd: directory, stdio: 'ignore' })
      }),
    async remove() {
      await own.kill()
      rmSync(directory, { recursive: true, force: true })
    },
  }
  await own.start()
  return own
}

/** Each connection has a process of its own, in a session of its own. */
function familyOf(pid: number): readonly number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  const children = lines.map((line) => line.trim().split(/\s+/).map(Number)).filter(([, parent]) => parent === pid)
  return [pid, ...children.map(([child = 0]) => child)]
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // Such a process comes and goes.
  }
}

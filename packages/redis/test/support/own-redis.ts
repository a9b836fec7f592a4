import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { onTestFinished } from 'vitest'
import { serverUrl } from './clients.js'

/** A server of one test's own, to be stopped, paused and failed. It ends with the test. */
export interface OwnRedis {
  readonly url: string
  readonly port: number
  /** Runs a command beside the stores. */
  ask(...command: string[]): Promise<unknown>
  /** Kills it and starts it anew with what it kept. */
  restart(): Promise<void>
  /** Ends it without a word. */
  kill(): Promise<void>
  /** Stops its process where it is, until the answer is called. */
  pause(): () => void
}

/**
 * Starts a server, by default without any persistence.
 * @param kind What comes before the settings, for a server of another kind.
 */
export async function startOwnRedis(
  settings: Readonly<Record<string, string>> = {},
  kind: readonly string[] = [],
): Promise<OwnRedis> {
  const program = await serverUrl('redis-program')
  const directory = mkdtempSync(join(tmpdir(), 'auth-test-own-redis-'))
  const usual = kind.length > 0 ? {} : { save: '', 'repl-diskless-sync-delay': '0' }
  let port = 0
  let server: ChildProcess
  let admin: Redis

  function launch(): void {
    const all = { port: `${port}`, bind: '127.0.0.1', dir: directory, ...usual, ...settings }
    const args = [...kind, ...Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])]
    server = spawn(program, args, { stdio: 'ignore' })
  }

  const hasEnded = (): boolean => server.exitCode !== null || server.signalCode !== null

  /** Waits until this very server answers, and has loaded what it kept; answers false where it ended instead. */
  async function answers(): Promise<boolean> {
    await until(async () => {
      if (hasEnded()) return true
      const isOwn = String(await admin.info('server')).includes(`process_id:${server.pid}\r\n`)
      return isOwn && (await admin.ping()) === 'PONG'
    })
    return !hasEnded()
  }

  /** A port may be taken, its own or the one for a cluster's nodes, between being found free and being used. */
  async function startOnFreePort(triesLeft: number): Promise<void> {
    port = await freePort()
    admin = new Redis({ port, lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => 20 })
    admin.on('error', () => undefined)
    launch()
    if (await answers()) return
    admin.disconnect()
    if (triesLeft === 0) throw new Error('The Redis server ended at once')
    await startOnFreePort(triesLeft - 1)
  }

  async function kill(): Promise<void> {
    if (hasEnded()) return
    const over = once(server, 'exit')
    server.kill('SIGKILL')
    await over
  }

  onTestFinished(async () => {
    admin.disconnect()
    await kill()
    rmSync(directory, { recursive: true, force: true })
  })
  await startOnFreePort(5)
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill,
    ask: async (name = '', ...rest) => admin.call(name, ...rest),
    async restart() {
      await kill()
      launch()
      if (!(await answers())) throw new Error('The Redis server did not start anew')
    },
    pause() {
      server.kill('SIGSTOP')
      return () => void server.kill('SIGCONT')
    },
  }
}

/** Starts a server that follows another, and waits until it has all of it. */
export async function startReplicaOf(
  { port }: OwnRedis,
  settings: Readonly<Record<string, string>> = {},
): Promise<OwnRedis> {
  const replica = await startOwnRedis(settings)
  await replica.ask('REPLICAOF', '127.0.0.1', `${port}`)
  await until(async () => String(await replica.ask('INFO', 'replication')).includes('master_link_status:up'))
  return replica
}

/** Waits until something holds. What fails does not hold yet. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error('It never came true')
    await wait(20)
  }
}

/** A port that a cluster's node may have, which needs another one 10,000 above. */
export async function freePort(): Promise<number> {
  for (;;) {
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const address = probe.address()
    probe.close()
    if (typeof address === 'object' && address !== null && address.port < 55_000) return address.port
  }
}

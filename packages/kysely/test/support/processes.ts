import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import * as kysely from 'kysely'

const here = fileURLToPath(new URL('.', import.meta.url))
const packageDirectory = join(here, '..', '..')

/** A program of the tests', built from its source with the Kysely of this run. */
export interface TestProgram {
  /** Starts it, and waits until it says that it is ready. */
  start(...args: readonly string[]): Promise<TestProcess>
  /** Removes what was built. */
  remove(): void
}

/** A process that answers messages. */
export interface TestProcess {
  /** Sends it a message; resolves with its answer. */
  ask(message: object): Promise<unknown>
  /** Lets it finish. */
  end(): Promise<void>
  /** Ends it as a crash of the machine would. */
  kill(): Promise<void>
}

/**
 * Builds a program. It lies beside the package's dependencies, where it finds those that are not built into it.
 * @param core What of the core goes into it: its errors, which is all that stores need, or everything.
 */
export function buildProgram(name: string, core: 'errors' | 'index' = 'errors'): TestProgram {
  const outfile = join(packageDirectory, 'node_modules', '.test', `${name}-${process.pid}-${Date.now()}.mjs`)
  const source = join(packageDirectory, '..', 'core', 'src')
  buildSync({
    entryPoints: [join(here, `${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    // Argon2 is native, and loaded by nobody who brings another hasher.
    external: ['kysely', 'kysely-029', 'libsql', 'pg', '@node-rs/argon2'],
    alias: {
      '@auth/core/testing': join(source, 'testing', 'virtual-clock.ts'),
      '@auth/core': join(source, `${core}.ts`),
      ...('Migrator' in kysely ? {} : { kysely: 'kysely-029' }),
    },
  })
  return {
    async start(...args) {
      const child = fork(outfile, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
      await nextMessage(child)
      return {
        ask(message) {
          const answer = nextMessage(child)
          child.send(message)
          return answer
        },
        async end() {
          child.disconnect()
          await once(child, 'exit')
        },
        async kill() {
          child.kill('SIGKILL')
          await once(child, 'exit')
        },
      }
    },
    remove: () => rmSync(outfile, { force: true }),
  }
}

function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`The process ended with ${code}`))
    child.once('exit', onExit)
    child.once('message', (message) => {
      child.off('exit', onExit)
      resolve(message)
    })
  })
}

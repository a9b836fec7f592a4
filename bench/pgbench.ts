import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { serverUrl } from './servers.js'

const run = promisify(execFile)

/** Postgres's own benchmark, on the same server. */
export interface Pgbench {
  /** Runs the transaction of `pgbench -N` for so long, and answers how often a second it was done. */
  measure(seconds: number): Promise<number>
}

/** Makes pgbench's tables, with 100,000 accounts for each step of the scale. */
export async function createPgbench(url: URL, scale: number, inFlight: number): Promise<Pgbench> {
  const programs: { directory: string } = JSON.parse(await serverUrl('postgres-programs'))
  const program = join(programs.directory, 'pgbench')
  const target = ['-h', url.hostname, '-p', url.port, '-U', decodeURIComponent(url.username), url.pathname.slice(1)]
  const env = { ...process.env, PGPASSWORD: decodeURIComponent(url.password) }
  await run(program, ['-i', '-q', '-s', `${scale}`, ...target], { env })
  return {
    async measure(seconds) {
      const how = ['-N', '-n', '-M', 'prepared', '-c', `${inFlight}`, '-j', '2', '-T', `${seconds}`]
      const { stdout } = await run(program, [...how, ...target], { env })
      const [, rate] = /^tps = ([\d.]+) \(without/m.exec(stdout) ?? []
      if (rate === undefined) throw new Error(`pgbench told no rate:\n${stdout}`)
      return Number(rate)
    },
  }
}

// Runs a server for as long as whoever started this: `node keep-server.mjs '{"program", "args", "uid", "signal", "directory"}'`.
// Standard input is the line to the owner. It closes however the owner ends, and then the server and its data go too.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'

const { program, args, uid, gid, signal, directory } = JSON.parse(process.argv[2] ?? '{}')

const server = spawn(program, args, { cwd: directory, stdio: ['ignore', 'inherit', 'inherit'], uid, gid })

/** @param {number} code */
function finish(code) {
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
  process.exit(code)
}

let isAsked = false
const stop = () => {
  isAsked = true
  server.kill(signal)
}

server.on('error', (error) => {
  console.error(error.message)
  finish(1)
})
server.on('exit', (code) => finish(isAsked ? 0 : (code ?? 1)))
process.stdin.on('end', stop).resume()
// An interrupt from the terminal reaches all processes: the owner decides when it is over.
for (const ignored of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(ignored, () => {})

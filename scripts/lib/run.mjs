import { spawn } from 'node:child_process'
import { root } from './paths.mjs'

/** The exit code that stands for an end by a signal. */
export const killed = 128

/**
 * @typedef {object} Finished
 * @property {number} code Exit code; `killed` for a process that a signal ended.
 * @property {string} output What it wrote to both streams, in order; empty when it was shown instead.
 */

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] Directory to run in; the root by default.
 * @property {NodeJS.ProcessEnv} [env] Whole environment; this process's by default.
 * @property {number} [timeoutMs] After which it is killed; never by default.
 * @property {number} [uid] Whom to run it as; this process's user by default.
 * @property {number} [gid]
 * @property {boolean} [show] Whether its output goes to the terminal instead of being kept.
 */

/**
 * Runs a program without a shell and without input, and waits for its end. A program that does not exist rejects.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<Finished>}
 */
export function run(program, args, { cwd = root, env = process.env, timeoutMs, show = false, ...account } = {}) {
  return new Promise((resolve, reject) => {
    const stream = show ? 'inherit' : 'pipe'
    const child = spawn(program, args, {
      ...account,
      cwd,
      env,
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      stdio: ['ignore', stream, stream],
    })
    /** @type {Buffer[]} */
    const chunks = []
    child.stdout?.on('data', (chunk) => chunks.push(chunk))
    child.stderr?.on('data', (chunk) => chunks.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? killed, output: Buffer.concat(chunks).toString('utf8') }))
  })
}

/**
 * Runs a JavaScript file with this very Node.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function runNode(file, args, options) {
  return run(process.execPath, [file, ...args], options)
}

/**
 * The last lines of a tool's output, for a message.
 * @param {string} output
 * @param {number} [most]
 */
export function tail(output, most = 40) {
  return output.trimEnd().split('\n').slice(-most).join('\n')
}

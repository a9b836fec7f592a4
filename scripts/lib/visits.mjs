import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * Starts a server as a process of its own, hands its address to a body, and ends it.
 * @template T
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @param {(origin: string) => Promise<T>} body
 */
export async function withServer(program, args, { cwd, env }, body) {
  // A group of its own: some programs are scripts that start the real one.
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const ended = once(child, 'close').catch(() => undefined) // it could not be started: announcedPort says so
  try {
    return await body(`http://localhost:${await announcedPort(child)}`)
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
    await ended
  }
}

/**
 * The port that a server says it listens on: `port 3000`, or a URL of this machine.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<string>}
 */
function announcedPort(child) {
  return new Promise((resolve, reject) => {
    let output = ''
    /** @param {Buffer} chunk */
    const hear = (chunk) => {
      output += chunk
      const port = /(?:port |https?:\/\/[\w.[\]:]+:)(\d+)\D/.exec(output)?.[1]
      if (port !== undefined) resolve(port)
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.on('error', reject)
    child.on('close', (code) => reject(new Error(`the server ended with ${code}:\n${output}`)))
  })
}

/**
 * Registers, signs in, and calls a guarded route with and without the token.
 * @param {string} origin
 */
export async function visit(origin) {
  const account = JSON.stringify({ email: 'ada@example.com', password: 'a long enough passphrase' })
  /** @param {string} path */
  const post = (path) =>
    fetch(origin + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: account })
  const registered = await post('/auth/register')
  await registered.text()
  const login = await post('/auth/login')
  const { accessToken, user } = /** @type {{ accessToken: string, user: { id: string } }} */ (await login.json())
  const passed = await fetch(`${origin}/orders`, { headers: { authorization: `Bearer ${accessToken}` } })
  const refused = await fetch(`${origin}/orders`)
  const forged = await fetch(`${origin}/orders`, { headers: { authorization: `Bearer ${accessToken.slice(0, -9)}` } })
  const problem = /** @type {{ code: string }} */ (await refused.json())
  await forged.text()
  return {
    registered: registered.status,
    login: login.status,
    passed: passed.status,
    isOwner: /** @type {{ owner: string }} */ (await passed.json()).owner === user.id,
    refused: refused.status,
    code: problem.code,
    challenged: refused.headers.has('www-authenticate'),
    forged: forged.status,
  }
}

/** What `visit` finds where a server does what it should. */
export const welcome = {
  registered: 201,
  login: 200,
  passed: 200,
  isOwner: true,
  refused: 401,
  code: 'credentials_missing',
  challenged: true,
  forged: 401,
}

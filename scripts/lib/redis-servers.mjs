import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { canInstallPackages, installPackage } from './debian.mjs'
import { Problem } from './problem.mjs'
import { run, tail } from './run.mjs'
import { freePort, keep, makeDirectory } from './servers.mjs'

/** @typedef {import('./servers.mjs').Server} Server */

const clusterMasters = 3
/** A cluster's nodes talk to each other on their port and this. */
const busOffset = 10_000

/**
 * A Redis for the tests: the one that AUTH_TEST_REDIS_URL names, else one started from this machine's binaries on a free
 * port with data of its own, else the same after Debian's package was installed.
 * @returns {Promise<Server>}
 */
export async function startRedis() {
  const given = process.env.AUTH_TEST_REDIS_URL
  if (given !== undefined) return { url: given, stop: async () => {} }
  const { port, stop } = await startNode(await redisProgram())
  return { url: `redis://127.0.0.1:${port}`, stop }
}

/**
 * A cluster of three primaries, found or started as a single server is: AUTH_TEST_REDIS_CLUSTER_URL names one of them.
 * @returns {Promise<Server>}
 */
export async function startRedisCluster() {
  const given = process.env.AUTH_TEST_REDIS_CLUSTER_URL
  if (given !== undefined) return { url: given, stop: async () => {} }
  const program = await redisProgram()
  const settings = { 'cluster-enabled': 'yes', 'cluster-node-timeout': '15000' }
  /** @type {{ port: number, stop: () => Promise<void> }[]} */
  const nodes = []
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()))
  }
  try {
    while (nodes.length < clusterMasters) nodes.push(await startNode(program, settings))
    const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`)
    await ask(program, '--cluster', 'create', ...addresses, '--cluster-yes')
    for (const { port } of nodes) await waitForCluster(program, port)
    return { url: `redis://${addresses[0]}`, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const longestJoinMs = 60_000

/**
 * Nodes learn of each other one by one: each refuses every command until it knows who has which slots.
 * @param {string} program
 * @param {number} port
 */
async function waitForCluster(program, port) {
  const giveUpAt = Date.now() + longestJoinMs
  for (;;) {
    const { output } = await run(client(program), ['-p', `${port}`, 'cluster', 'info'])
    if (output.includes('cluster_state:ok') && output.includes(`cluster_known_nodes:${clusterMasters}`)) return
    if (Date.now() > giveUpAt)
      throw new Problem(`The Redis cluster for the tests did not come together:\n${tail(output, 15)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/**
 * @param {string} program
 * @param {Record<string, string>} settings
 * @param {number} triesLeft A port may be taken, its own or the one for a cluster's nodes, between being found free and being used.
 * @returns {Promise<{ port: number, stop: () => Promise<void> }>}
 */
async function startNode(program, settings = {}, triesLeft = 5) {
  const port = await freePortBelow(65_536 - busOffset)
  const directory = makeDirectory('redis', {})
  // An append-only file, as every deployment should have, that is not waited for: what is lost with the machine is the test.
  const all = {
    port: `${port}`,
    bind: '127.0.0.1',
    dir: directory,
    save: '',
    appendonly: 'yes',
    appendfsync: 'no',
    ...settings,
  }
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])
  // By its directory, for another server may answer on that port.
  const question = ['-p', `${port}`, 'config', 'get', 'dir']
  const isReady = async () => (await run(client(program), question)).output.includes(directory)
  try {
    return { port, stop: await keep({ program, args, signal: 'SIGKILL', directory }, isReady) }
  } catch (error) {
    if (triesLeft === 0) throw error
    return startNode(program, settings, triesLeft - 1)
  }
}

/** @param {number} limit */
async function freePortBelow(limit) {
  for (;;) {
    const port = await freePort()
    if (port < limit) return port
  }
}

/**
 * The path of redis-server, which is installed where it may be.
 * @returns {Promise<string>}
 */
export async function redisProgram() {
  const found = findRedis()
  if (found !== undefined) return found
  if (canInstallPackages()) await installPackage('redis-server', () => findRedis() !== undefined)
  const installed = findRedis()
  if (installed !== undefined) return installed
  throw new Problem(
    'The tests need Redis, 6.2 or newer. Install it (Debian: `sudo apt-get install -y redis-server`; macOS: `brew install redis`).\n' +
      '  The shared servers may be named instead: AUTH_TEST_REDIS_URL=redis://host:6379, AUTH_TEST_REDIS_CLUSTER_URL=redis://host:7000',
  )
}

/** @returns {string | undefined} */
function findRedis() {
  const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin']
  const place = places.find((directory) => ['redis-server', 'redis-cli'].every((name) => existsSync(join(directory, name))))
  return place === undefined ? undefined : join(place, 'redis-server')
}

/** @param {string} program */
function client(program) {
  return join(dirname(program), 'redis-cli')
}

/**
 * @param {string} program
 * @param {...string} args
 */
async function ask(program, ...args) {
  const { code, output } = await run(client(program), args)
  if (code !== 0) throw new Problem(`redis-cli ${args.join(' ')} failed:\n${tail(output, 15)}`)
}

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { withLock } from './lock.mjs'
import { cache } from './paths.mjs'
import { Problem } from './problem.mjs'
import { run, tail } from './run.mjs'

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** @returns {string | undefined} */
function find() {
  const named = process.env.CHROMIUM
  if (named !== undefined && !existsSync(named)) throw new Problem(`CHROMIUM names ${named}, which does not exist.`)
  return named ?? places.find((place) => existsSync(place))
}

function canInstall() {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  return process.getuid?.() === 0 && /^ID=debian$/m.test(release)
}

async function install() {
  console.log('Installing Chromium …')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const patient = ['-o', 'DPkg::Lock::Timeout=600']
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const { code, output } = await run('apt-get', [...patient, ...args], { env })
    if (code !== 0) throw new Problem(`apt-get ${args.join(' ')} failed:\n${tail(output, 15)}`)
  }
}

/**
 * The browser for the tests that need one; installs it where that is possible without asking.
 * @returns {Promise<string>} Path of the program.
 */
export async function ensureChromium() {
  const found = find()
  if (found !== undefined) return found
  if (canInstall()) await withLock(join(cache, 'chromium.lock'), async () => find() ?? install())
  const installed = find()
  if (installed !== undefined) return installed
  throw new Problem(
    'The tests need Chromium. Install it (Debian: `sudo apt-get install -y chromium`; macOS: `brew install --cask chromium`)\n' +
      '  or name an existing one in the CHROMIUM environment variable.',
  )
}

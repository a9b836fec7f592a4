import { existsSync } from 'node:fs'
import { canInstallPackages, installPackage } from './debian.mjs'
import { Problem } from './problem.mjs'

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

/**
 * The browser for the tests that need one; installs it where that is possible without asking.
 * @returns {Promise<string>} Path of the program.
 */
export async function ensureChromium() {
  const found = find()
  if (found !== undefined) return found
  if (canInstallPackages()) await installPackage('chromium', () => find() !== undefined)
  const installed = find()
  if (installed !== undefined) return installed
  throw new Problem(
    'The tests need Chromium. Install it (Debian: `sudo apt-get install -y chromium`; macOS: `brew install --cask chromium`)\n' +
      '  or name an existing one in the CHROMIUM environment variable.',
  )
}

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { withLock } from './lock.mjs'
import { cache } from './paths.mjs'
import { Problem } from './problem.mjs'
import { run, tail } from './run.mjs'

/** Whether packages can be installed here without asking anybody. */
export function canInstallPackages() {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  return process.getuid?.() === 0 && /^ID=debian$/m.test(release)
}

/**
 * Installs one of Debian's packages, unless another process has just done so.
 * @param {string} name
 * @param {() => boolean} isThere
 */
export async function installPackage(name, isThere) {
  await withLock(join(cache, 'apt.lock'), async () => {
    if (isThere()) return
    console.log(`Installing ${name} …`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const patient = ['-o', 'DPkg::Lock::Timeout=600']
    for (const args of [['update'], ['install', '-y', '--no-install-recommends', name]]) {
      const { code, output } = await run('apt-get', [...patient, ...args], { env })
      if (code !== 0) throw new Problem(`apt-get ${args.join(' ')} failed:\n${tail(output, 15)}`)
    }
  })
}

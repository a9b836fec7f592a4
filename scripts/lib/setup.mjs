import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { build, isBuilt } from './build.mjs'
import { install, isInstalled } from './install.mjs'
import { withLock } from './lock.mjs'
import { requireNode } from './node-version.mjs'
import { cache } from './paths.mjs'
import { ensurePnpm } from './pnpm.mjs'

/**
 * Installs the dependencies and builds the packages and the demo, each only where something changed. Several processes
 * may do so in one checkout: one works, the others wait, and nothing that a running one may still load is deleted.
 * @returns {Promise<void>}
 */
export async function setup() {
  requireNode(process.versions.node)
  if (isInstalled() && isBuilt()) return
  mkdirSync(cache, { recursive: true })
  await withLock(join(cache, 'set-up.lock'), setupAlone, {
    onWait: ({ pid, host }) => console.log(`Process ${pid} on ${host} is setting up this checkout; waiting for it …`),
  })
}

async function setupAlone() {
  if (!isInstalled()) {
    console.log('Installing dependencies …')
    await ensurePnpm()
    await install()
  }
  if (!isBuilt()) {
    console.log('Building …')
    await ensurePnpm()
    await build()
  }
}

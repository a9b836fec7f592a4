// Writes a tarball of every package to ./tarballs, for an application outside this repository.
import { rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { packAll } from './lib/pack.mjs'
import { root } from './lib/paths.mjs'
import { main } from './lib/problem.mjs'
import { setup } from './lib/setup.mjs'

await main(async () => {
  await setup()
  const directory = join(root, 'tarballs')
  rmSync(directory, { recursive: true, force: true })
  for (const tarball of (await packAll(directory)).values()) console.log(relative(root, tarball))
})

// Run in a package's directory: brings what was built to `dist`, file by file, each replaced in one step. Nothing is deleted: a
// process that started from an earlier build may still load one of its chunks, whose names have a digest in them.
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { filesBelow } from './lib/fingerprint.mjs'

const built = join(process.cwd(), '.build')

const changed = filesBelow(built)
  .map((from) => ({ from, to: join(process.cwd(), 'dist', relative(built, from)) }))
  .map((file) => ({ ...file, isNew: !existsSync(file.to) }))
  .filter(({ from, to, isNew }) => isNew || !readFileSync(from).equals(readFileSync(to)))

// New chunks come before the entry points that name them.
for (const { from, to } of changed.sort((a, b) => Number(b.isNew) - Number(a.isNew))) {
  const temporary = `${to}.${process.pid}.new`
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(from, temporary)
  renameSync(temporary, to)
}

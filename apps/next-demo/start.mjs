// `next start` of the latest build, in this very process, so that signals and the exit code are its own.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const directory = fileURLToPath(new URL('.', import.meta.url))
const program = createRequire(import.meta.url).resolve('next/dist/bin/next')

Object.assign(process.env, {
  NEXT_TELEMETRY_DISABLED: '1',
  NEXT_MANUAL_SIG_HANDLE: '1', // src/start-demo.ts does.
  NEXT_DEMO_DIST: readFileSync(new URL('.next/current', import.meta.url), 'utf8'),
  DATA_DIR: resolve(process.env.DATA_DIR || '.data'),
})
process.argv = [process.execPath, program, 'start', directory, '--port', process.env.PORT || '3000']
await import(pathToFileURL(program).href)

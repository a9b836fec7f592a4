// Copied into a project with the packed packages and run there, by whatever Node is to be tried: loads every entry point in both
// ways, then registers, passes a guard and is refused by it; where Node has an SQLite of its own, proves the stores on it. Prints
// a line of JSON for each step.
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const modules = new URL('./node_modules/@auth/', import.meta.url)

/**
 * @param {string} name
 * @param {() => unknown} body
 */
async function step(name, body) {
  try {
    await body()
    console.log(JSON.stringify({ name }))
  } catch (error) {
    console.log(JSON.stringify({ name, error: String(error) }))
  }
}

/** @param {unknown} module */
function requireExports(module) {
  if (Object.keys(Object(module)).length === 0) throw new Error('it exports nothing')
}

for (const name of readdirSync(modules)) {
  const { exports } = JSON.parse(readFileSync(new URL(`${name}/package.json`, modules), 'utf8'))
  for (const door of Object.keys(exports).filter((door) => !door.endsWith('.json'))) {
    const specifier = `@auth/${name}${door.slice(1)}`
    await step(`import ${specifier}`, async () => requireExports(await import(specifier)))
    await step(`require ${specifier}`, () => requireExports(require(specifier)))
  }
}

await step('register, pass a guard, be refused by it', async () => {
  const { createAuth, memoryStores } = require('@auth/core')
  const { expressAuth } = require('@auth/express')
  const express = require('express')
  const auth = createAuth({
    issuer: 'http://localhost:3000',
    secret: 'a secret for one smoke test, 32+',
    stores: memoryStores(),
  })
  const web = expressAuth(auth)
  const app = express()
  app.use(web.routes())
  app.get('/hello', web.guard(), (/** @type {any} */ _request, /** @type {any} */ response) =>
    response.json({ hello: true }),
  )
  const server = app.listen(0)
  await once(server, 'listening')
  try {
    await visit(`http://localhost:${server.address().port}`)
  } finally {
    server.close()
  }
})

/** @param {string} url */
async function visit(url) {
  const registered = await fetch(`${url}/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'ada@example.com', password: 'correct horse battery' }),
  })
  const { accessToken } = await registered.json()
  const passed = await fetch(`${url}/hello`, { headers: { authorization: `Bearer ${accessToken}` } })
  const refused = await fetch(`${url}/hello`)
  const statuses = [registered.status, passed.status, refused.status].join()
  if (statuses !== '201,200,401') throw new Error(`answered ${statuses}`)
}

/** Node's own SQLite, where it has what the adapter of the README asks for. */
const sqlite = process.getBuiltinModule?.('node:sqlite')
if (sqlite && 'columns' in sqlite.StatementSync.prototype) {
  await step('the stores on node:sqlite pass the kit, through the adapter of the README', async () => {
    const [, adapter] =
      /```ts\n(\/\/ node-sqlite\.ts\n[\s\S]*?)```/.exec(readFileSync(new URL('kysely/README.md', modules), 'utf8')) ?? []
    if (adapter === undefined) throw new Error('the README has no adapter')
    writeFileSync(new URL('./node-sqlite.ts', import.meta.url), adapter)
    const { fromNodeSqlite } = await import(new URL('./node-sqlite.ts', import.meta.url).href)
    const { Kysely, SqliteDialect } = require('kysely')
    const { kyselyStores, migrateAuth } = require('@auth/kysely')
    const open = () => {
      const database = new sqlite.DatabaseSync('smoke.db', { timeout: 1500 })
      database.exec('pragma journal_mode = wal')
      return new Kysely({ dialect: new SqliteDialect({ database: fromNodeSqlite(database) }) })
    }
    const db = open()
    await migrateAuth(db)
    await db.destroy()
    await proveStores(async () => {
      const opened = open()
      return { stores: kyselyStores(opened), close: () => opened.destroy() }
    })
  })
}

/** @param {() => Promise<unknown>} openStores */
async function proveStores(openStores) {
  const { storeConformance } = require('@auth/core/testing')
  /** @type {(() => Promise<void>)[]} */
  const steps = []
  /** @type {(() => Promise<void>)[]} */
  const after = []
  const api = {
    describe: (/** @type {string} */ _, /** @type {() => void} */ define) => {
      define()
      steps.push(...after.splice(0))
    },
    it: (/** @type {string} */ _, /** @type {() => Promise<void>} */ test) => steps.push(test),
    before: (/** @type {() => Promise<void>} */ hook) => steps.push(hook),
    after: (/** @type {() => Promise<void>} */ hook) => after.push(hook),
  }
  storeConformance(api, openStores, { rounds: 3 })
  for (const run of steps) await run()
  if (steps.length < 150) throw new Error(`the kit has only ${steps.length} steps`)
}

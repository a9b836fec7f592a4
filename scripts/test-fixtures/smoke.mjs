// Copied into a project with the packed packages and run there, by whatever Node is to be tried: loads every entry point in both
// ways, then registers, passes a guard and is refused by it. Prints a line of JSON for each step.
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
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

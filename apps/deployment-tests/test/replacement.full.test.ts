import { describe, expect, it } from 'vitest'
import { told } from './support/client.js'
import { createDeployment, type TestNode } from './support/deployment.js'
import { expectInvariants } from './support/invariants.js'
import { type Person, refresh, signUp, tokensOf } from './support/people.js'
import { inNoHurry, onPostgres } from './support/storages.js'

describe('a deployment that is replaced while it is used', { timeout: 300_000 }, () => {
  it('F-44 starts four times at once on an empty database, and loses nothing while each is replaced', async () => {
    const empty = await createDeployment(inNoHurry(onPostgres)[1], { isEmpty: true })
    try {
      const nodes = await Promise.all(Array.from({ length: 4 }, () => empty.start()))
      let person: Person = await signUp(nodes[0] as TestNode) // There are four.
      for (const old of nodes) {
        const fresh = await empty.start()
        for (const node of [old, fresh]) person = { ...person, ...tokensOf(await refresh(node, person.refreshToken)) }
        expect(await old.kill('SIGTERM')).toBe(0)
        expect(told(await fresh.call('GET', '/guarded', { bearer: person.accessToken }))).toBe('200')
        expect(told(await fresh.call('GET', '/guarded', { cookie: person.cookie }))).toBe('200')
      }
      await expectInvariants(empty, [person])
    } finally {
      await empty.remove()
    }
  })
})

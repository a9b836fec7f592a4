import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { crashLogout, crashRotation, crashUserCommand } from './support/crashes.js'
import { createDeployment, type Deployment, type TestNode } from './support/deployment.js'
import { inNoHurry, onRedis } from './support/storages.js'

// With users and feed in different systems there are the most places to die at. All commands on all storages: crashes.full.test.ts.
describe('kill -9 between any two writes, on Postgres and Redis', { timeout: 300_000 }, () => {
  let deployment: Deployment
  let survivor: TestNode
  beforeAll(async () => {
    deployment = await createDeployment(inNoHurry(onRedis)[1])
    survivor = await deployment.start()
  })
  afterAll(() => deployment.remove())

  it('F-11 F-12 RT-02 of a rotation leaves the old token or its successor, never both and never a fork', () =>
    crashRotation(deployment, survivor))
  it('ST-03 SE-07 of a logout leaves nothing open, and its repetition completes it', () => crashLogout(deployment, survivor))

  it('notices stores that end sessions by marking rows alone', async () => {
    const flawed = await createDeployment(inNoHurry(onRedis)[1])
    try {
      const node = await flawed.start({ flaw: 'marks rows alone' })
      const killed = crashUserCommand(
        { ...flawed, start: () => flawed.start({ flaw: 'marks rows alone' }) },
        node,
        'logout-all',
      )
      await expect(killed).rejects.toThrow('logout-all died after users.revoke')
    } finally {
      await flawed.remove()
    }
  })
})

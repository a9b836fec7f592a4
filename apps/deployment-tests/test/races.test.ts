import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDeployment, type Deployment, type TestNode } from './support/deployment.js'
import {
  raceAccountGuesses,
  raceGuesses,
  raceRefreshes,
  raceRegistrations,
  raceTouchAndLogout,
  storeRaces,
} from './support/races.js'
import { inNoHurry, onCluster, onRedis } from './support/storages.js'

const processes = 3
const parallel = 12

// On all storages, with 8 processes: races.full.test.ts. Bare SQL stores: packages/kysely/test/processes.test.ts.
describe.each([onRedis, onCluster].map(inNoHurry))('several processes on %s', { timeout: 300_000 }, (_, create) => {
  let deployment: Deployment
  let nodes: readonly TestNode[] = []
  beforeAll(async () => {
    deployment = await createDeployment(create)
    nodes = await Promise.all(Array.from({ length: processes }, () => deployment.start()))
  })
  afterAll(() => deployment.remove())

  it('F-15 RT-02 rotate one session: one rotated, one reused, the rest revoked', () =>
    storeRaces(deployment, nodes, parallel).rotations('rotation'))
  it('F-16 F-17 consume one ticket: one consumed, the rest replayed', () =>
    storeRaces(deployment, nodes, parallel).consumptions('ticket'))
  it('F-18 BF-02 take slots of one ledger: every answer is one more than another, in one order', () =>
    storeRaces(deployment, nodes, parallel).attempts('ledger'))
  it('F-16 insert a session while its id is revoked: it never lives on', () =>
    storeRaces(deployment, nodes, parallel).grants('grant'))
})

describe('several processes over HTTP', { timeout: 300_000 }, () => {
  let deployment: Deployment
  let nodes: readonly TestNode[] = []
  beforeAll(async () => {
    deployment = await createDeployment(onRedis[1])
    nodes = await Promise.all(Array.from({ length: processes }, () => deployment.start()))
  })
  afterAll(() => deployment.remove())

  it('F-15 RT-02 exchange one refresh token: at most one gets a successor', () => raceRefreshes(deployment, nodes, parallel))
  it('F-10 register one address in all its spellings: one user', () => raceRegistrations(deployment, nodes, 17))
  it('F-18 BF-02 guess passwords from one address: five are tested', () => raceGuesses(deployment, nodes, 20))
  it('F-18 BF-02 guess passwords of one account from many addresses: ten are tested', () =>
    raceAccountGuesses(deployment, nodes, 10))
  it('F-20 SE-06 use a session while another ends it: it stays ended', () => raceTouchAndLogout(nodes))

  it('notices stores that rotate in two steps', async () => {
    const flawed = await deployment.start({ flaw: 'rotates in two steps' })
    await expect(raceRefreshes(deployment, [flawed, flawed], parallel)).rejects.toThrow(/"200":\d/)
  })
})

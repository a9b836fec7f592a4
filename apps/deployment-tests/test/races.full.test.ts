import { afterAll, beforeAll, describe, it } from 'vitest'
import { createDeployment, type Deployment, type TestNode } from './support/deployment.js'
import {
  raceAccountGuesses,
  raceGuesses,
  raceRefreshes,
  raceRegistrations,
  raceTouchAndLogout,
  storeRaces,
} from './support/races.js'
import { inNoHurry, onCluster, onPostgres, onRedis, onSerializable, onSqlite } from './support/storages.js'

const processes = 8
const parallel = 25
const rounds = [1, 2, 3, 4, 5]
const kinds = [onPostgres, onSqlite, onRedis, onCluster]

describe.each(kinds.map(inNoHurry))('8 processes on %s', (_, create) => {
  let deployment: Deployment
  let nodes: readonly TestNode[] = []
  beforeAll(async () => {
    deployment = await createDeployment(create)
    nodes = await Promise.all(Array.from({ length: processes }, () => deployment.start()))
  })
  afterAll(() => deployment.remove())

  it.each(rounds)('F-15 RT-02 rotate one session: one rotated, one reused, the rest revoked (%s)', (round) =>
    storeRaces(deployment, nodes, parallel).rotations(`rotation-${round}`),
  )
  it.each(rounds)('F-16 F-17 consume one ticket: one consumed, the rest replayed (%s)', (round) =>
    storeRaces(deployment, nodes, parallel).consumptions(`ticket-${round}`),
  )
  it('F-18 BF-02 take slots of one ledger: every answer is one more than another, in one order', () =>
    storeRaces(deployment, nodes, parallel).attempts('ledger'))
  it.each(rounds)('F-16 insert a session while its id is revoked: it never lives on (%s)', (round) =>
    storeRaces(deployment, nodes, parallel).grants(`grant-${round}`),
  )
})

describe.each([...kinds, onSerializable])('4 processes over HTTP, on %s', (_, create) => {
  let deployment: Deployment
  let nodes: readonly TestNode[] = []
  beforeAll(async () => {
    deployment = await createDeployment(create)
    nodes = await Promise.all(Array.from({ length: 4 }, () => deployment.start()))
  })
  afterAll(() => deployment.remove())

  it.each(rounds)('F-09 F-15 RT-02 exchange one refresh token: at most one gets a successor (%s)', () =>
    raceRefreshes(deployment, nodes, parallel),
  )
  it('F-10 register one address in all its spellings, 50 times: one user', () => raceRegistrations(deployment, nodes, 13))
  it('F-18 BF-02 guess 300 passwords from one address: five are tested', () => raceGuesses(deployment, nodes, 75))
  it('F-18 BF-02 A-40 guess 300 passwords of one account from 300 addresses: ten are tested, and it is locked', () =>
    raceAccountGuesses(deployment, nodes, 75))
  it('F-20 SE-06 use a session while another ends it: it stays ended', () => raceTouchAndLogout(nodes))
})

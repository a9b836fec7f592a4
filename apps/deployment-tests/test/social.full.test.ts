import { afterEach, describe, it } from 'vitest'
import { createDeployment, type Deployment } from './support/deployment.js'
import { crashClaim, crashFirstSignIn, crashLinking, fourNodes, raceFirstSignIns, raceReturns } from './support/social.js'
import { inNoHurry, onPostgres, onRedis, onSqlite } from './support/storages.js'

let deployment: Deployment
afterEach(() => deployment.remove())

describe('kill -9 between any two writes', () => {
  const [, create] = inNoHurry(onPostgres)

  it('F-13 ST-03 of a first sign-in with a provider leaves an account with its identity, or neither', async () => {
    deployment = await createDeployment(create)
    await crashFirstSignIn(deployment)
  })

  it('F-13 ST-03 of connecting a provider leaves it connected or not, and who did it signed in', async () => {
    deployment = await createDeployment(create)
    await crashLinking(deployment)
  })
})

it.each([onPostgres, onRedis].map(inNoHurry))(
  'AL-03 ST-03 kill -9 between any two writes of a claim leaves nothing that the owner does not end, on %s',
  async (_, create) => {
    deployment = await createDeployment(create)
    await crashClaim(deployment)
  },
)

it.each([onPostgres, onSqlite].map(inNoHurry))(
  'A-77 OC-01 AL-01 over four processes one return that comes forty times is one session, and first returns at once make one account, on %s',
  async (_, create) => {
    deployment = await createDeployment(create)
    const scene = await fourNodes(deployment)
    for (let round = 0; round < 2; round++) {
      await raceReturns(scene)
      await raceFirstSignIns(scene)
    }
  },
)

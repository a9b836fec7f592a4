import { afterEach, describe, it } from 'vitest'
import { createDeployment, type Deployment } from './support/deployment.js'
import { crashEmailChange, crashReset, raceResets } from './support/mail-crashes.js'
import { inNoHurry, onPostgres, onRedis, onSqlite } from './support/storages.js'

let deployment: Deployment
afterEach(() => deployment.remove())

describe.each([onSqlite, onRedis].map(inNoHurry))('what goes by mail, on %s', (_, create) => {
  it('ST-03 kill -9 between any two writes of a reset leaves all of it or nothing', async () => {
    deployment = await createDeployment(create)
    await crashReset(deployment)
  })

  it('ST-03 kill -9 between any two writes of a change of address leaves all of it or nothing', async () => {
    deployment = await createDeployment(create)
    await crashEmailChange(deployment)
  })
})

it.each([onPostgres, onSqlite, onRedis].map(inNoHurry))(
  'LG-06 A-46 of fifty resets with one ticket over four processes one succeeds, on %s',
  async (_, create) => {
    deployment = await createDeployment(create)
    await raceResets(deployment)
  },
)

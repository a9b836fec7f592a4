import { afterAll, beforeAll, describe, it } from 'vitest'
import { createDeployment, type Deployment } from './support/deployment.js'
import { crashExchange, crashReplay, raceCodes, settings } from './support/oauth.js'
import { inNoHurry, onPostgres, onRedis, onSqlite } from './support/storages.js'

describe.each([onPostgres, onSqlite, onRedis].map(inNoHurry))('authorization codes on %s', (_, create) => {
  let deployment: Deployment
  beforeAll(async () => {
    deployment = await createDeployment(create)
  })
  afterAll(() => deployment.remove())

  it('AZ-09 A-58 F-16 8 processes exchange one code 25 times each: one grant at most, and none of it lives', async () => {
    const nodes = await Promise.all(Array.from({ length: 8 }, () => deployment.start(settings)))
    for (let round = 0; round < 3; round++) await raceCodes(deployment, nodes, 25)
    await Promise.all(nodes.map((node) => node.kill('SIGKILL')))
  })
  it('AZ-09 ST-03 kill -9 between any two writes of an exchange leaves the code good, or spent and nothing alive', () =>
    crashExchange(deployment))
  it('AZ-09 ST-03 kill -9 between any two writes of a replay leaves nothing that the next one does not end', () =>
    crashReplay(deployment))
})

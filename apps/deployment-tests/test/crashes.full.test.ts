import { afterAll, beforeAll, describe, it } from 'vitest'
import { userCommands } from './support/commands.js'
import {
  crashLogin,
  crashLogout,
  crashRegistration,
  crashReuse,
  crashRoleChange,
  crashRotation,
  crashRotationWithRetries,
  crashUserCommand,
} from './support/crashes.js'
import { createDeployment, type Deployment, type TestNode } from './support/deployment.js'
import { inNoHurry, onPostgres, onRedis, onRedisWithFeedInSql, onSqlite } from './support/storages.js'

describe.each([onPostgres, onSqlite, onRedis, onRedisWithFeedInSql].map(inNoHurry))(
  'kill -9 between any two writes, on %s',
  (_, create) => {
    let deployment: Deployment
    let survivor: TestNode
    beforeAll(async () => {
      deployment = await createDeployment(create)
      survivor = await deployment.start()
    })
    afterAll(() => deployment.remove())

    it('F-11 F-12 RT-02 of a rotation leaves the old token or its successor, never both and never a fork', () =>
      crashRotation(deployment, survivor))
    it('F-12 RT-04 of a rotation with a retry window gives every repetition the one successor', () =>
      crashRotationWithRetries(deployment))
    it('F-13 ST-03 of a registration leaves a whole user or none', () => crashRegistration(deployment, survivor))
    it('ST-03 of a login leaves a person who can sign in', () => crashLogin(deployment, survivor))
    it.each(Object.keys(userCommands))(
      'ST-03 F-13 F-34 of %s leaves nothing open, and its repetition completes it',
      (name) => crashUserCommand(deployment, survivor, name),
    )
    it('ST-03 RT-11 of a change of roles leaves nothing open, and its repetition completes it', () =>
      crashRoleChange(deployment, survivor))
    it('ST-03 SE-07 of a logout leaves nothing open, and its repetition completes it', () =>
      crashLogout(deployment, survivor))
    it('ST-03 RT-03 of the discovery of a reuse is completed by the next use', () => crashReuse(deployment, survivor))
  },
)

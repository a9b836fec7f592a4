import { type AuthStores, decideRotation } from '@auth/core'

type Stores = Required<AuthStores>

const none = async (): Promise<null> => null

/** The name of a way to be wrong. */
export type FlawName = 'rotates in two steps' | 'marks rows alone' | 'takes failure for absence'

/** Lets the first two that come go on together, and everybody later at once. */
const meet: () => Promise<void> = (() => {
  let goOn: (() => void) | undefined
  let first: Promise<void> | undefined
  return async () => {
    if (first) goOn?.()
    first ??= new Promise((resolve) => {
      goOn = resolve
    })
    await first
  }
})()

/** Ways in which stores can be wrong, to see that the tests notice. */
export const flaws: Readonly<Record<FlawName, (stores: Stores) => Stores>> = {
  /** Reads, decides, and then writes what it decided: several of those that come together win. */
  'rotates in two steps': (stores) => ({
    ...stores,
    sessions: {
      ...stores.sessions,
      async rotate(rotation) {
        const { outcome } = decideRotation(await stores.sessions.find(rotation.id), rotation)
        await meet()
        await stores.sessions.rotate(rotation)
        return outcome
      },
    },
  }),
  /** Ends sessions by marking their rows, and leaves the user as it was. */
  'marks rows alone': (stores) => ({
    ...stores,
    users: {
      ...stores.users,
      async revoke({ userId }) {
        const user = await stores.users.find(userId)
        return user && { sessionEpoch: user.sessionEpoch + 1, accessVersion: user.accessVersion + 1, announced: true }
      },
    },
  }),
  /** Has nothing where it cannot be reached. */
  'takes failure for absence': (stores) => ({
    ...stores,
    sessions: { ...stores.sessions, find: (id) => stores.sessions.find(id).catch(none) },
    users: {
      ...stores.users,
      find: (id) => stores.users.find(id).catch(none),
      findByEmailKey: (key) => stores.users.findByEmailKey(key).catch(none),
    },
  }),
}

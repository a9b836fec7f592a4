import { conformanceAuth, conformanceRoutes } from '@auth/core/testing'
import { nextAuth } from '@auth/next'
import { settings } from './settings'

/** Next bundles this module several times, and stores in memory are to be the same in all of them. */
function once<Value>(name: string, make: () => Value): Value {
  const key = Symbol.for(`app.${name}`)
  if (!Reflect.has(globalThis, key)) Reflect.set(globalThis, key, make())
  return Reflect.get(globalThis, key) as Value // Set above.
}

/** How often it was asked who is calling. */
export const asked = once('asked', () => ({ times: 0 }))
export const auth = once('auth', () => {
  const made = conformanceAuth(settings())
  const authenticate: typeof made.authenticate = (...given) => {
    asked.times++
    return made.authenticate(...given)
  }
  return Object.freeze({ ...made, authenticate })
})
export const routes = once('routes', conformanceRoutes)
export const web = nextAuth(auth)

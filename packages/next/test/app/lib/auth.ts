import { conformanceAuth, conformanceRoutes } from '@auth/core/testing'
import { nextAuth } from '@auth/next'
import { settings } from './settings'

/** Next bundles this module several times, and stores in memory are to be the same in all of them. */
function once<Value>(name: string, make: () => Value): Value {
  const key = Symbol.for(`app.${name}`)
  if (!Reflect.has(globalThis, key)) Reflect.set(globalThis, key, make())
  return Reflect.get(globalThis, key) as Value // Set above.
}

export const auth = once('auth', () => conformanceAuth(settings()))
export const routes = once('routes', conformanceRoutes)
export const web = nextAuth(auth)

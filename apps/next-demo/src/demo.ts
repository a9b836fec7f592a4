import type { Auth } from '@auth/core'
import { type NextAuth, nextAuth } from '@auth/next'
import type { Demo, DemoAuth } from '@auth-sdk/demo'

type DemoRoles = DemoAuth extends Auth<infer R> ? R : never

/** Next bundles this module several times: what its copies share is kept here. */
const key: symbol = Symbol.for('auth-sdk.next-demo')

/** Gives the app what it serves. To be called once, before the first request. */
export function setDemo(demo: Demo): void {
  Object.defineProperty(globalThis, key, { value: demo })
}

/** What this process serves. A build asks for nothing of it. */
export function demo(): Demo {
  const kept: unknown = Reflect.get(globalThis, key)
  if (kept === undefined) throw new Error('instrumentation.ts has not started the demo')
  return kept as Demo // Nobody else has the key.
}

let made: NextAuth<DemoRoles> | undefined

/** The demo's `Auth`, fitted to Next. */
export function web(): NextAuth<DemoRoles> {
  made ??= nextAuth(demo().auth)
  return made
}

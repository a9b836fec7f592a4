import { describe, expect, it } from 'vitest'
import { checkBoundaries } from './boundaries.mjs'

const owners = new Map([
  ['packages/core', { name: '@auth/core', exports: { '.': './dist/index.js', './node': './dist/node.js' } }],
  [
    'packages/express',
    {
      name: '@auth/express',
      dependencies: { '@auth/core': 'workspace:*' },
      peerDependencies: { express: '^5.0.0' },
      imports: {
        '#express': { 'react-server': 'express', default: 'express/index.js' },
        '#other': { default: 'koa' },
      },
    },
  ],
])

const sound = {
  'packages/core/src/index.ts': `export { createAuth } from './auth.js'; export type { Clock } from './shared/clock.js'`,
  'packages/core/src/auth.ts': `import { handle } from './http/index.js'; import { hash } from './passwords/index.js'`,
  'packages/core/src/errors.ts': `export class AuthError extends Error {}`,
  'packages/core/src/stores.ts': `import type { SessionStore } from './sessions/index.js'`,
  'packages/core/src/shared/clock.ts': `import { ConfigError } from '../errors.js'; import { digest } from './digest.js'`,
  'packages/core/src/shared/digest.ts': `import { base64url } from 'jose'`,
  'packages/core/src/http/index.ts': `export { handle } from './handle.js'`,
  'packages/core/src/http/handle.ts': `import { end } from '../sessions/index.js'; import { now } from '../shared/clock.js'`,
  'packages/core/src/sessions/index.ts': `export { end } from './session-service.js'`,
  'packages/core/src/sessions/session-service.ts': `import { verify } from '../passwords/index.js'; const user = { process: 1 }.process`,
  'packages/core/src/passwords/index.ts': `export { hash } from './default-hasher.js'; import type { Session } from '../sessions/index.js'`,
  'packages/core/src/passwords/default-hasher.ts': `const hash = () => import('../argon2/index.js')`,
  'packages/core/src/argon2/index.ts': `import { cpus } from 'node:os'; import type { PasswordHasher } from '../passwords/index.js'`,
  'packages/core/src/node/index.ts': `import type { Auth } from '../auth.js'; import { AuthError } from '../index.js'; import 'node:http'`,
  'packages/express/src/index.ts': `import { createAuth } from '@auth/core'; import { guard } from './guard.js'`,
  'packages/express/src/guard.ts': `import { toRequest } from '@auth/core/node'; import express from 'express'; import 'node:http'`,
}

const check = (changes: Record<string, string> = {}): string[] =>
  checkBoundaries(new Map(Object.entries({ ...sound, ...changes })), owners)

describe('checkBoundaries', () => {
  it('finds nothing in a sound tree', () => {
    expect(check()).toEqual([])
  })

  it('knows what a name of the package’s own stands for', () => {
    expect(check({ 'packages/express/src/other.ts': `import express from '#express'` })).toEqual([])
    expect(check({ 'packages/express/src/other.ts': `import Koa from '#other'` })).toEqual([
      'packages/express/src/other.ts:1 imports #other: koa is no dependency of packages/express',
    ])
  })

  const room = 'packages/core/src/sessions/session-service.ts'
  const violations: [rule: string, path: string, text: string, reason: RegExp][] = [
    ['a file behind another room’s door', room, `import type { H } from '../passwords/default-hasher.js'`, /its door only/],
    ['the same through an import type', room, `let h: import('../passwords/default-hasher.js').H`, /its door only/],
    ['a file behind a door, from the wiring', 'packages/core/src/auth.ts', `import './http/handle.js'`, /its door only/],
    ['http/ in a room', room, `import { handle } from '../http/index.js'`, /no room knows HTTP/],
    ['the wiring in a room', room, `import type { Auth } from '../auth.js'`, /imports nothing of auth\.ts/],
    [
      'a value of the wiring in node/',
      'packages/core/src/node/index.ts',
      `import { wire } from '../auth.js'`,
      /nothing of auth\.ts/,
    ],
    [
      'a room in shared/',
      'packages/core/src/shared/clock.ts',
      `import type { S } from '../sessions/index.js'`,
      /nothing but shared/,
    ],
    ['an entry point in a room', room, `import { virtualClock } from '../testing/index.js'`, /sessions.*imported by none/],
    [
      'argon2/ at the start of a program',
      'packages/core/src/passwords/default-hasher.ts',
      `import '../argon2/index.js'`,
      /by none/,
    ],
    ['node:* behind the main door', room, `import type { Server } from 'node:http'`, /a door for every platform leads here/],
    ['a driver behind a dynamic import', room, `const pg = () => import('pg')`, /a door for every platform leads here/],
    ['a framework behind a re-export', room, `export { Router } from 'express'`, /a door for every platform leads here/],
    [
      'node:* behind the door of verify/',
      'packages/core/src/verify/index.ts',
      `import 'node:http'`,
      /a door for every platform leads here/,
    ],
    ['process.env', room, `const { env } = process`, /reads the environment/],
    ['process.env through globalThis', room, `const url = globalThis.process.env.URL`, /reads the environment/],
    ['import.meta.env', room, `const url = import.meta.env.URL`, /reads the environment/],
    ['a computed import', room, `const load = (name: string) => import(name)`, /cannot be known/],
    ['export *', 'packages/core/src/sessions/index.ts', `export * from './session-service.js'`, /names each of its exports/],
    [
      'a circle of rooms',
      'packages/core/src/passwords/index.ts',
      `import { end } from '../sessions/index.js'`,
      /circle: passwords\/ → sessions\/ → passwords\//,
    ],
    [
      'a file of another package',
      'packages/core/src/auth.ts',
      `import '../../express/src/index.js'`,
      /leads out of the package/,
    ],
    [
      'the core’s source in an adapter',
      'packages/express/src/guard.ts',
      `import '../../core/src/auth.js'`,
      /leads out of the package/,
    ],
    [
      'the core’s files in an adapter',
      'packages/express/src/guard.ts',
      `import '@auth/core/dist/auth.js'`,
      /no entry point/,
    ],
    [
      'an entry point that is not published',
      'packages/express/src/guard.ts',
      `import '@auth/core/http'`,
      /no entry point \.\/http/,
    ],
    [
      'a package that is not declared',
      'packages/express/src/guard.ts',
      `import 'body-parser'`,
      /no dependency of packages\/express/,
    ],
  ]

  it.each(violations)('finds %s', (_rule, path, text, reason) => {
    expect(check({ [path]: text })).toContainEqual(expect.stringMatching(reason))
  })
})

// Checked by the compiler alone: each `@ts-expect-error` fails the build where the next line compiles.
import { expectTypeOf } from 'vitest'
import { defineRoles, type OwnScope, type Requirement, type Roles } from './index.js'

const roles = defineRoles(
  {
    user: { scopes: ['read:orders'] },
    support: { inherits: ['user'], scopes: ['read:users', 'write:*'] },
    guest: {},
    admin: { inherits: ['user', 'support'], scopes: ['*', 'users:read'] },
  },
  { scopes: ['read:analytics'] },
)

type RoleName = 'user' | 'support' | 'guest' | 'admin'
type ScopeName = 'read:orders' | 'read:users' | 'read:analytics' | OwnScope

expectTypeOf(roles).toEqualTypeOf<Roles<RoleName, ScopeName>>()
expectTypeOf(roles.resolve(['user']).roles).toEqualTypeOf<readonly RoleName[]>()
expectTypeOf(roles).toExtend<Roles>()
expectTypeOf(defineRoles({ user: {} })).toEqualTypeOf<Roles<'user', OwnScope>>()
expectTypeOf(defineRoles({})).toEqualTypeOf<Roles<never, OwnScope>>()

// As guards declare it.
declare function guard<R extends Roles>(
  roles: R,
  requirement: R extends Roles<infer Role, infer Scope> ? Requirement<Role, Scope> : never,
): void

guard(roles, { roles: ['user', 'admin'], scopes: ['read:orders', 'users:manage', 'read:analytics'], allow: ['cookie'] })
guard(roles, { recent: 300, check: async (principal) => principal.subject === 'x' })
guard(roles, {})
// @ts-expect-error A misspelt scope.
guard(roles, { scopes: ['raed:orders'] })
// @ts-expect-error A misspelt role.
guard(roles, { roles: ['amdin'] })
// @ts-expect-error A pattern: guards ask for names.
guard(roles, { scopes: ['write:*'] })
// @ts-expect-error Nothing at all where a scope was meant.
guard(roles, { scopes: [undefined] })
// @ts-expect-error What was meant to restrict is not there.
guard(roles, { scopes: undefined })
// @ts-expect-error A misspelt field.
guard(roles, { scope: ['read:orders'] })
// @ts-expect-error No way for a credential to come.
guard(roles, { allow: ['query'] })
// @ts-expect-error A check that answers no boolean.
guard(roles, { check: () => 'yes' })

// @ts-expect-error A role that is not declared.
defineRoles({ user: { scopes: ['read:orders'] }, admin: { inherits: ['usr'] } })
// @ts-expect-error A misspelt field.
defineRoles({ admin: { inherit: ['admin'] } })

// Roles that are only known at run time keep working, with names that are strings.
declare const loaded: Record<string, { scopes: string[] }>
expectTypeOf(defineRoles(loaded)).toEqualTypeOf<Roles<string, string>>()

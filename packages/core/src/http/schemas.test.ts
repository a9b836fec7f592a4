import { describe, expect, it } from 'vitest'
import { bodies, parseBody } from './schemas.js'

const issuesOf = (name: 'register' | 'login' | 'refresh' | 'none', json: string): unknown => {
  try {
    parseBody(bodies[name], JSON.parse(json) as Record<string, unknown>)
    return 'accepted'
  } catch (error) {
    return (error as { details: { issues: { path: string; code: string }[] } }).details.issues.map(
      ({ path, code }) => `${path}:${code}`,
    )
  }
}

describe('parseBody', () => {
  it('accepts the shapes of the routes', () => {
    expect(issuesOf('register', '{"email":"a@b.co","password":"x","name":"Ada","transport":"cookie"}')).toBe('accepted')
    expect(issuesOf('login', '{"email":"a@b.co","password":"x","deviceToken":"d"}')).toBe('accepted')
    expect(issuesOf('none', '{}')).toBe('accepted')
    expect(issuesOf('login', '{"email":"a@b.co","password":"a\\u0000b"}')).toBe('accepted')
  })

  it.each([
    ['{}', ['email:required', 'password:required']],
    ['{"email":1,"password":{"$ne":null}}', ['email:invalid_type', 'password:invalid_type']],
    ['{"email":["a@b.co"],"password":"x"}', ['email:invalid_type']],
    ['{"email":"a@b.co,c@d.co","password":"x"}', ['email:invalid_email']],
    ['{"email":"a@b.co","password":null}', ['password:invalid_type']],
    ['{"email":"a@b.co","password":"\\ud800"}', ['password:invalid_value']],
    ['{"email":"a@b.co","password":"x","transport":"form"}', ['transport:invalid_value']],
    ['{"email":"a@b.co","password":"x","name":"a\\nb"}', ['name:invalid_value']],
  ])('LG-09 A-28 A-36 refuses %s', (json, issues) => {
    expect(issuesOf('register', json)).toEqual(issues)
  })

  it.each(['id', 'role', 'roles', 'permissions', 'emailVerified', 'tenantId', 'passwordHash', 'createdAt', 'scopes'])(
    'LG-13 A-34 refuses the field %s',
    (field) => {
      expect(issuesOf('register', `{"email":"a@b.co","password":"x","${field}":"x"}`)).toEqual([`${field}:unknown_field`])
    },
  )

  it.each(['__proto__', 'constructor', 'prototype'])('AD-03 refuses the key %s and changes no prototype', (key) => {
    expect(issuesOf('login', `{"email":"a@b.co","password":"x","${key}":{"polluted":1}}`)).toEqual([`${key}:unknown_field`])
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('never repeats what was sent, and keeps lists of issues short', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, 1]))
    const issues = issuesOf('login', JSON.stringify({ email: 'hunter2', password: 5, ...many })) as string[]
    expect(issues.length).toBeLessThanOrEqual(20)
    expect(JSON.stringify(issues)).not.toContain('hunter2')
  })
})

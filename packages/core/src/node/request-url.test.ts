import { describe, expect, it } from 'vitest'
import { requestUrl } from './request-url.js'

const origin = 'https://app.example.com'

describe('requestUrl', () => {
  it.each([
    ['/auth/login?x=1', `${origin}/auth/login?x=1`],
    ['//evil.com/auth', `${origin}//evil.com/auth`],
    ['/auth/%E0%A4%A', `${origin}/auth/%E0%A4%A`],
    ['/auth/%61dmin', `${origin}/auth/%61dmin`],
    ['/auth?next=/../x\\y', `${origin}/auth?next=/../x\\y`],
    ['http://evil.com/auth/login', `${origin}/auth/login`],
    ['HTTPS://evil.com:1/auth/login', `${origin}/auth/login`],
    ['http://evil.com@other.com/auth', `${origin}/auth`],
  ])('keeps the path %s as it came, on the configured origin', (target, expected) => {
    expect(requestUrl(target, origin)?.href).toBe(expected)
  })

  it.each([
    ['*'],
    [''],
    ['auth/login'],
    ['app.example.com:443'],
    ['@evil.com/auth'],
    [':80/auth'],
    ['.evil.com/'],
    ['/x/../auth/login'],
    ['/x/%2e%2e/auth/login'],
    ['/auth/./login'],
    ['/auth\\login'],
    ['/auth/login#x'],
    ['/auth/log\tin'],
    ['/auth/é'],
    ['http://evil.com'],
  ])('AD-04 takes %j for no path: the URL would not be what came', (target) => {
    expect(requestUrl(target, origin)).toBeNull()
  })
})

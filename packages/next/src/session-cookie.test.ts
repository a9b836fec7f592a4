import { expect, it } from 'vitest'
import { keepCookie } from './session-cookie.js'

/** The header, after the jar had its word. */
function kept(cookie: string, now: string | undefined): string | null {
  const headers = new Headers({ cookie })
  keepCookie(headers, 'session', now)
  return headers.get('cookie')
}

it('writes what the cookie is by now, or takes it away', () => {
  expect(kept('a=b; session=old', 'new')).toBe('a=b; session=new')
  expect(kept('a=b; session=old', undefined)).toBe('a=b')
  expect(kept('a=b', 'new')).toBe('a=b; session=new')
})

it('leaves what is as it came, also where the jar shows it decoded', () => {
  for (const value of ['same', '%E2%82%AC', 'a%0Ab', 'a%3B']) {
    expect(kept(`session=${value}; a=b`, decodeURIComponent(value))).toBe(`session=${value}; a=b`)
  }
  expect(kept('session=%', undefined)).toBe('session=%')
  expect(kept('session=one; session=two', 'two')).toBe('session=one; session=two')
})

it('writes nothing that were another cookie or no header', () => {
  expect(kept('session=old', 'a; b=c\nd')).toBe('session=a%3B%20b%3Dc%0Ad')
})

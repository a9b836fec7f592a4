import { expect, it } from 'vitest'
import { cookieNames, setCookie } from './cookies.js'

it('SE-04 sets a __Host- cookie that scripts and other hosts cannot reach', () => {
  const names = cookieNames(new URL('https://app.example.com'))
  expect(setCookie(names, names.session, 'v', 60)).toBe(
    '__Host-session=v; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax',
  )
})

it('SE-04 uses a plain name on plain-HTTP localhost alone, where browsers refuse the prefix', () => {
  const names = cookieNames(new URL('http://localhost:3000'))
  expect(setCookie(names, names.session, '', 0)).toBe('session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax')
})

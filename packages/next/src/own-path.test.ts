import { expect, it } from 'vitest'
import { ownPath } from './own-path.js'

const origin = 'https://app.example.com'

it('keeps a path on the origin', () => {
  for (const path of ['/', '/a/b?c=d#e', '/a//b', '/%2F%2Fevil.example']) expect(ownPath(path, origin)).toBe(path)
  expect(ownPath(`${origin}/a?b`, origin)).toBe('/a?b')
  expect(ownPath('?a', origin)).toBe('/?a')
})

it('takes whatever leads elsewhere for the root', () => {
  const elsewhere = [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/.//evil.example',
    '/a/..//evil.example',
    '/\t/evil.example',
    ` //evil.example`,
    `${origin}//evil.example`,
    'http://app.example.com/',
    'https://app.example.com@evil.example/',
    'https://app.example.com.evil.example/',
    `blob:${origin}//x`,
    'javascript:alert(1)',
    'data:text/html,x',
    'https://',
  ]
  for (const to of elsewhere) expect(ownPath(to, origin), to).toBe('/')
})

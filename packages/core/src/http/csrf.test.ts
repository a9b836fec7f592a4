import { describe, expect, it } from 'vitest'
import { isUnsafe, refuseForeignPage, requireOwnPage } from './csrf.js'
import type { RequestSource } from './request-source.js'

const ours = 'https://app.example.com'
const origins = new Set([ours])
type Signals = { site?: string | string[]; origin?: string | string[] }

function passes(check: typeof requireOwnPage, { site, origin }: Signals): boolean {
  const headers: Record<string, string | string[] | undefined> = { 'sec-fetch-site': site, origin }
  const source: RequestSource = { method: 'POST', url: '/', header: (name) => headers[name], ip: undefined }
  try {
    check(source, origins)
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'csrf_rejected' })
    return false
  }
}

// Every signal a browser can send, and whether a cookie may act with it.
const matrix: [Signals, boolean][] = [
  [{ site: 'same-origin' }, true],
  [{ site: 'same-origin', origin: ours }, true],
  [{ site: 'same-site' }, false],
  [{ site: 'same-site', origin: ours }, true],
  [{ site: 'same-site', origin: 'https://other.example.com' }, false],
  [{ site: 'cross-site' }, false],
  [{ site: 'cross-site', origin: ours }, true],
  [{ site: 'cross-site', origin: 'https://evil.com' }, false],
  [{ site: 'none' }, false],
  [{ site: 'none', origin: ours }, false],
  [{ site: 'nonsense', origin: ours }, false],
  [{ origin: ours }, true],
  [{ origin: 'null' }, false],
  [{ origin: 'https://evil.com' }, false],
  [{ origin: 'http://app.example.com' }, false],
  [{ origin: 'https://app.example.com.evil.com' }, false],
  [{ origin: 'https://app.example.com:8443' }, false],
  [{ origin: 'https://APP.example.com' }, false],
  [{ origin: `${ours}/` }, false],
  [{ site: ['same-origin', 'cross-site'] }, false],
  [{ origin: [ours, 'https://evil.com'] }, false],
]

describe('requireOwnPage', () => {
  it.each(matrix)('WB-01 A-50 %j passes: %s', (signals, allowed) => {
    expect(passes(requireOwnPage, signals)).toBe(allowed)
  })

  it('WB-01 refuses where the browser tells nothing', () => {
    expect(passes(requireOwnPage, {})).toBe(false)
  })
})

describe('refuseForeignPage', () => {
  it.each(matrix)('WB-02 %j passes: %s', (signals, allowed) => {
    expect(passes(refuseForeignPage, signals)).toBe(allowed)
  })

  it('lets programs through, which send neither header', () => {
    expect(passes(refuseForeignPage, {})).toBe(true)
  })
})

it('WB-05 calls every method unsafe that may change something', () => {
  expect(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'get', 'QUERY'].filter(isUnsafe)).toEqual([
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'get',
    'QUERY',
  ])
})

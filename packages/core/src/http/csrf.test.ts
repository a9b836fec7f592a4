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
    const isOfNoPage = signals.site === 'none' && signals.origin === undefined
    expect(passes(refuseForeignPage, signals)).toBe(allowed || isOfNoPage)
  })

  it('lets programs through, which send neither header', () => {
    expect(passes(refuseForeignPage, {})).toBe(true)
  })
})

const requestOf = (method: string, upgrade?: string): RequestSource => ({
  method,
  url: '/',
  header: (name) => (name === 'upgrade' ? upgrade : undefined),
  ip: undefined,
})

it('WB-01 calls a handshake for a WebSocket unsafe, which any page may begin with our cookies', () => {
  for (const upgrade of ['websocket', 'WebSocket', 'h2c, websocket', 'websocket/13'])
    expect(isUnsafe(requestOf('GET', upgrade)), upgrade).toBe(true)
  for (const upgrade of ['h2c', 'notwebsocket', '']) expect(isUnsafe(requestOf('GET', upgrade)), upgrade).toBe(false)
})

it('WB-05 calls every method unsafe that may change something', () => {
  const isUnsafeMethod = (method: string): boolean => isUnsafe(requestOf(method))
  expect(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'get', 'QUERY'].filter(isUnsafeMethod)).toEqual([
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'get',
    'QUERY',
  ])
})

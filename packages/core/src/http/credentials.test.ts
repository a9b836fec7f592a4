import { describe, expect, it } from 'vitest'
import { readCredential } from './credentials.js'
import type { RequestSource } from './request-source.js'

const source = (headers: Record<string, string | string[]>, url = '/'): RequestSource => ({
  method: 'GET',
  url,
  header: (name) => headers[name],
  ip: undefined,
})
const read = (headers: Record<string, string | string[]>): unknown => {
  try {
    return readCredential(source(headers), '__Host-session', (text) => text.startsWith('ak_'))
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('readCredential', () => {
  it.each(['Bearer abc.def.ghi', 'bearer abc.def.ghi', 'BEARER  abc.def.ghi', ' Bearer abc.def.ghi '])(
    'RS-01 reads %j',
    (authorization) => {
      expect(read({ authorization })).toEqual({ kind: 'bearer', token: 'abc.def.ghi' })
    },
  )

  it.each(['Bearer a, Bearer b', 'Bearer a b', 'Bearer a,b', 'Basic x, Bearer y', 'Bearer a\tb'])(
    'RS-01 A-22 refuses %j as ambiguous',
    (authorization) => {
      expect(read({ authorization })).toBe('ambiguous_credentials')
    },
  )

  it('AK-02 takes a bearer credential for a key by how it begins, and nothing else', () => {
    expect(read({ authorization: 'Bearer ak_live_x' })).toEqual({ kind: 'api-key', key: 'ak_live_x' })
    expect(read({ authorization: 'Bearer xak_' })).toEqual({ kind: 'bearer', token: 'xak_' })
    expect(read({ 'x-api-key': 'ak_x' })).toEqual({ kind: 'api-key', key: 'ak_x' })
    expect(read({ authorization: 'Bearer ak_x', 'x-api-key': 'ak_x' })).toBe('ambiguous_credentials')
    expect(read({ authorization: 'Bearer ak_x, ak_y' })).toBe('ambiguous_credentials')
    expect(read({ authorization: 'Basic ak_x' })).toEqual({ kind: 'none' })
  })

  it('RS-01 refuses two lines, two headers, and a bearer beside another scheme', () => {
    expect(read({ authorization: ['Bearer a', 'Bearer a'] })).toBe('ambiguous_credentials')
    expect(read({ authorization: ['Basic a', 'Bearer b'] })).toBe('ambiguous_credentials')
    expect(read({ authorization: 'Bearer a', 'x-api-key': 'k' })).toBe('ambiguous_credentials')
    expect(read({ 'x-api-key': ['k', 'k'] })).toBe('ambiguous_credentials')
    expect(read({ 'x-api-key': 'k, l' })).toBe('ambiguous_credentials')
  })

  it.each(['Bearer', 'Bearer ', 'bearer\t'])('RS-03 calls %j malformed', (authorization) => {
    expect(read({ authorization })).toBe('token_malformed')
  })

  it.each(['Basic dXNlcjpwYXNz', 'Digest x', 'Bearerabc', '', '%', 'Negotiate'])(
    'takes %j for no credential',
    (authorization) => {
      expect(read({ authorization })).toEqual({ kind: 'none' })
    },
  )

  it('WB-04 ignores the cookie beside an explicit credential, whatever that is worth', () => {
    const cookie = '__Host-session=s'
    expect(read({ cookie, authorization: 'Bearer bad' })).toEqual({ kind: 'bearer', token: 'bad' })
    expect(read({ cookie, 'x-api-key': 'bad' })).toEqual({ kind: 'api-key', key: 'bad' })
    expect(read({ cookie, authorization: 'Bearer ' })).toBe('token_malformed')
    expect(read({ cookie, authorization: 'Basic x' })).toEqual({ kind: 'cookie', token: 's' })
  })

  it('SE-10 takes two different session cookies for none, and equal ones for one', () => {
    expect(read({ cookie: '__Host-session=a; __Host-session=b' })).toBe('session_invalid')
    expect(read({ cookie: ['__Host-session=a', '__Host-session=b'] })).toBe('session_invalid')
    expect(read({ cookie: '__Host-session=a; x=1; __Host-session=a' })).toEqual({ kind: 'cookie', token: 'a' })
    expect(read({ cookie: 'x__Host-session=a; __host-session=b; =c; d; __Host-session' })).toEqual({ kind: 'none' })
  })

  it('RS-01 SE-03 A-23 reads nothing from the URL', () => {
    const url = '/me?access_token=abc&token=abc&session=s;access_token=abc'
    expect(readCredential(source({}, url), '__Host-session', () => false)).toEqual({ kind: 'none' })
  })
})

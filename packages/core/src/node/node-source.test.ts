import { describe, expect, it } from 'vitest'
import type { RequestSource } from '../http/index.js'
import { exchangeRaw, listen } from '../testing/real-port.js'
import { nodeSource } from './node-source.js'

async function sourceOf(...lines: readonly string[]): Promise<RequestSource> {
  let source: RequestSource | undefined
  const { port } = await listen((req, res) => {
    source = nodeSource(req)
    res.end()
  })
  await exchangeRaw(port, 'GET /orders?x=1 HTTP/1.1', 'Host: a', ...lines)
  if (!source) throw new Error('no request came')
  return source
}

describe('nodeSource', () => {
  it('shows method, target, headers and the peer', async () => {
    const source = await sourceOf('X-One: 1')
    expect([source.method, source.url, source.ip]).toEqual(['GET', '/orders?x=1', '127.0.0.1'])
    expect([source.header('x-one'), source.header('x-two'), source.header('constructor')]).toEqual([
      '1',
      undefined,
      undefined,
    ])
  })

  it('RS-01 shows every line of a repeated header, of which Node shows the first alone', async () => {
    const source = await sourceOf('Authorization: Bearer a', 'AUTHORIZATION: Bearer b', 'Cookie: a=1', 'cookie: a=2')
    expect(source.header('authorization')).toEqual(['Bearer a', 'Bearer b'])
    expect(source.header('cookie')).toEqual(['a=1', 'a=2'])
  })

  it('takes the address and the target that a framework knows better', async () => {
    let source: RequestSource | undefined
    const { url } = await listen((req, res) => {
      source = nodeSource(req, '192.0.2.1', '/mounted/orders')
      res.end()
    })
    await fetch(url)
    expect([source?.ip, source?.url]).toEqual(['192.0.2.1', '/mounted/orders'])
  })
})

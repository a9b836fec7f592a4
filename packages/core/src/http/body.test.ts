import { describe, expect, it } from 'vitest'
import { readJsonObject } from './body.js'

function read(
  body: BodyInit | null,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): Promise<unknown> {
  const request = new Request('http://x/', {
    method: 'POST',
    body,
    headers,
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
  })
  return readJsonObject(request).catch((error: { code: string }) => error.code)
}

describe('readJsonObject', () => {
  it('takes an absent or empty body for {}', async () => {
    expect(await read(null, {})).toEqual({})
    expect(await read('', { 'content-type': 'application/json' })).toEqual({})
  })

  it.each(['application/json', 'Application/JSON; charset=utf-8', 'application/json;charset="UTF-8"'])(
    'WB-05 reads %s',
    async (type) => {
      expect(await read('{"a":1}', { 'content-type': type })).toEqual({ a: 1 })
    },
  )

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'text/plain; application/json',
    'application/json-patch+json',
    'application/json; charset=utf-16',
    'multipart/form-data',
    '',
  ])('WB-05 refuses %s', async (type) => {
    expect(await read('{"a":1}', { 'content-type': type })).toBe('unsupported_media_type')
  })

  it('A-94 refuses a compressed body', async () => {
    expect(await read('x', { 'content-type': 'application/json', 'content-encoding': 'gzip' })).toBe(
      'unsupported_media_type',
    )
  })

  it.each(['{', '{"a":}', 'undefined', '[]', '"text"', '1', 'null', '{"a":1}{', '\u00ef{}'])(
    'AD-02 refuses %j',
    async (body) => {
      expect(await read(body)).toBe('invalid_request')
    },
  )

  it('AD-02 refuses what is not UTF-8', async () => {
    expect(await read(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d))).toBe('invalid_request')
  })

  it('A-31 stops reading at the limit, whether or not the length was told', async () => {
    expect(await read(`"${'a'.repeat(70_000)}"`)).toBe('body_too_large')
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent++
        controller.enqueue(new Uint8Array(16_384))
      },
    })
    expect(await read(endless)).toBe('body_too_large')
    expect(sent).toBeLessThan(8)
  })
})

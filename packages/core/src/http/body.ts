import { AuthError } from '../errors.js'
import { concat, decodeUtf8 } from '../shared/bytes.js'

const maximumBytes = 65_536

/**
 * Reads a JSON object. An absent or empty body is `{}` and needs no type.
 * @throws AuthError `unsupported_media_type`, `body_too_large`, `invalid_request`
 */
export async function readJsonObject(request: Request): Promise<Readonly<Record<string, unknown>>> {
  if (!request.body) return {}
  const { headers } = request
  // One that comes in chunks shows whether it is empty once it is read.
  const mayBeEmpty = !headers.has('content-type') && !headers.has('content-length')
  if (!mayBeEmpty && headers.get('content-length') !== '0') requireJson(headers)
  const bytes = await readBytes(request, mayBeEmpty ? () => requireJson(headers) : undefined)
  if (bytes.length === 0) return {}
  const value = parse(bytes)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new AuthError('invalid_request')
  return value as Record<string, unknown> // An object that is no array.
}

/**
 * Reads a form as `application/x-www-form-urlencoded` (RFC 6749, appendix B).
 * @throws AuthError `unsupported_media_type`, `body_too_large`, `invalid_request`
 */
export async function readForm(request: Request): Promise<URLSearchParams> {
  const { type, charset, encoding } = mediaType(request.headers)
  if (type !== 'application/x-www-form-urlencoded' || encoding !== 'identity') throw new AuthError('unsupported_media_type')
  const text = charset === undefined || isUtf8(charset) ? decodeUtf8(await readBytes(request)) : null
  if (text === null) throw new AuthError('invalid_request')
  return new URLSearchParams(text)
}

/** The media type is parsed, not matched by its beginning, and only UTF-8 in the clear is read. */
function requireJson(headers: Headers): void {
  const { type, charset, encoding } = mediaType(headers)
  const readable = (charset === undefined || isUtf8(charset)) && encoding === 'identity'
  if (type !== 'application/json' || !readable) throw new AuthError('unsupported_media_type')
}

function mediaType(headers: Headers): {
  readonly type: string
  readonly charset: string | undefined
  readonly encoding: string
} {
  const [type = '', ...parameters] = (headers.get('content-type') ?? '').split(';').map((part) => part.trim().toLowerCase())
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length)
  return { type, charset, encoding: headers.get('content-encoding') ?? 'identity' }
}

function isUtf8(charset: string): boolean {
  return /^"?utf-?8"?$/.test(charset)
}

/** @param onBegin Asked once there is something, before more of it is read. */
async function readBytes(request: Request, onBegin?: () => void): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length')) > maximumBytes) {
    await request.body?.cancel().catch(() => undefined)
    throw new AuthError('body_too_large')
  }
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = request.body?.getReader()
  while (reader) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new AuthError('invalid_request', {}, { cause })
    })
    if (done) break
    try {
      if (length === 0 && value.length > 0) onBegin?.()
      length += value.length
      if (length > maximumBytes) throw new AuthError('body_too_large')
    } catch (error) {
      await reader.cancel().catch(() => undefined)
      throw error
    }
    chunks.push(value)
  }
  return concat(...chunks)
}

function parse(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes)
  if (text === null) throw new AuthError('invalid_request')
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new AuthError('invalid_request')
  }
}

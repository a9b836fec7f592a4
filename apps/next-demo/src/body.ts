import { AuthError } from '@auth/core'

/**
 * The body of a request in JSON; `undefined` where there is none, or one of another type. Next bounds no body.
 * @throws AuthError `body_too_large`, `invalid_request`
 */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const type = request.headers.get('content-type') ?? ''
  if (!request.body || !/^application\/json\b/i.test(type)) return undefined
  const bytes = await readAtMost(request.body, maxBytes)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new AuthError('invalid_request', {}, { cause })
  }
}

async function readAtMost(body: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array> {
  const reader = body.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    size += read.value.length
    if (size > most) {
      await reader.cancel()
      throw new AuthError('body_too_large')
    }
    chunks.push(read.value)
  }
  return Buffer.concat(chunks)
}

import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'

/** A body as `Request` takes it. */
export type RequestBody = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>

/** Whether a message says that a body follows (RFC 9112, section 6.3). */
export function announcesBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

/** The body as it arrives. Nothing is read ahead of the reader, and cancelling leaves the connection open for the answer. */
export function streamBody(source: Readable): ReadableStream<Uint8Array> {
  const chunks = source.iterator({ destroyOnReturn: false })
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = (await chunks.next()) as IteratorResult<Buffer | string>
        if (done) return controller.close()
        // A middleware may have asked for text.
        controller.enqueue(typeof value === 'string' ? Buffer.from(value, source.readableEncoding ?? 'utf8') : value)
      },
      async cancel() {
        await chunks.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}

/** What a framework's parser made of a body, written out again as its content type says; text and bytes stay as they are. */
export function encodeBody(parsed: unknown, contentType: string | undefined): string | Uint8Array<ArrayBuffer> {
  if (typeof parsed === 'string') return parsed
  if (parsed instanceof Uint8Array) return new Uint8Array(parsed)
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded' || !isObject(parsed)) return writeJson(parsed)
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(parsed)) appendField(form, name, value)
  return form.toString()
}

/** What is nested too deeply to be written is refused as what is no JSON. */
function writeJson(parsed: unknown): string {
  try {
    return JSON.stringify(parsed)
  } catch (error) {
    if (error instanceof RangeError) return 'nested too deeply'
    throw error
  }
}

/** A field that was repeated is repeated again; one that was nested keeps the brackets it had. */
function appendField(form: URLSearchParams, name: string, value: unknown): void {
  if (Array.isArray(value)) {
    for (const each of value) appendField(form, name, each)
  } else if (isObject(value)) {
    for (const [key, nested] of Object.entries(value)) appendField(form, `${name}[${key}]`, nested)
  } else {
    form.append(name, String(value))
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

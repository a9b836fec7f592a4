import { concat } from './bytes.js'

/**
 * Reads a body whole, unless it is longer than it may be: what an answer claims of its own length counts for nothing.
 * @throws Error where there is more; then the rest is not read
 */
export async function readAtMost(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  const reader = body?.getReader()
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    length += part.value.length
    if (length > maxBytes) {
      await reader?.cancel().catch(() => undefined)
      throw new Error(`more than ${maxBytes} bytes`)
    }
    parts.push(part.value)
  }
  return concat(...parts)
}

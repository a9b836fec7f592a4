/** A request as it was asked for. */
export interface Target {
  /** Where it goes; empty for anything but HTTP. */
  readonly origin: string
  /** Whether it can be made twice. A stream can be read once, and nobody can tell what the body of a `Request` was made of. */
  readonly isRepeatable: boolean
  /** Makes it, with what the transport adds unless the caller said otherwise. */
  make(defaults?: RequestInit): Request
}

/** Reads what `fetch` was called with. @throws TypeError where it is no URL */
export function readTarget(input: string | URL | Request, init: RequestInit | undefined, base: () => string): Target {
  const isRequest = typeof input === 'object' && 'url' in input
  // What is looked at here is what is sent: the caller's object is not asked twice.
  const request = isRequest ? input : new URL(input, base()).href
  const { protocol, origin } = new URL(isRequest ? input.url : String(request))
  const isSafe = isRequest && /^(GET|HEAD)$/.test(input.method)
  const sent = { ...init, ...(init?.headers && { headers: new Headers(init.headers) }) }
  return {
    // A `blob:` URL has the origin of its maker.
    origin: protocol.startsWith('http') ? origin : '',
    isRepeatable: isRequest && sent.body == null ? isSafe : isLasting(sent.body),
    make: (defaults) => new Request(request, isRequest && defaults?.credentials ? sent : { ...defaults, ...sent }),
  }
}

/** Whether a body can be sent again. */
function isLasting(body: BodyInit | null | undefined): boolean {
  if (body == null || typeof body === 'string' || ArrayBuffer.isView(body)) return true
  return [ArrayBuffer, Blob, FormData, URLSearchParams].some((kind) => body instanceof kind)
}

/** What is wrong with one field of a request. */
export interface Issue {
  readonly path: string
  readonly code: string
  readonly message: string
}

/** An answer of the server; status 0 where there was none. */
export interface Answer {
  readonly ok: boolean
  readonly status: number
  /** The problem's code; empty for a success. */
  readonly code: string
  readonly issues: readonly Issue[]
  /** Seconds after which to try again, where the server says so. */
  readonly retryAfter: number | null
  readonly body: Readonly<Record<string, unknown>> | null
  readonly durationMs: number
}

/** What is sent. */
export interface Call {
  readonly method: string
  readonly path: string
  readonly body?: object
  readonly accessToken?: string | undefined
}

/** Asks the server. Never rejects. */
export async function send({ method, path, body, accessToken }: Call): Promise<Answer> {
  const headers = {
    ...(body ? { 'content-type': 'application/json' } : {}),
    ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
  }
  const started = performance.now()
  try {
    // Beside an access token a cookie has no part in it.
    const credentials = accessToken === undefined ? 'same-origin' : 'omit'
    const response = await fetch(path, { method, headers, credentials, ...(body ? { body: JSON.stringify(body) } : {}) })
    return { ...(await read(response)), durationMs: performance.now() - started }
  } catch {
    return {
      ok: false,
      status: 0,
      code: 'network',
      issues: [],
      retryAfter: null,
      body: null,
      durationMs: performance.now() - started,
    }
  }
}

async function read(response: Response): Promise<Omit<Answer, 'durationMs'>> {
  const text = await response.text()
  const body = text === '' ? null : (JSON.parse(text) as Record<string, unknown>) // Every answer of this server is an object.
  const retryAfter = response.headers.get('retry-after')
  return {
    ok: response.ok,
    status: response.status,
    code: response.ok || typeof body?.code !== 'string' ? '' : body.code,
    issues: Array.isArray(body?.issues) ? (body.issues as Issue[]) : [],
    retryAfter: retryAfter === null ? null : Number(retryAfter),
    body,
  }
}

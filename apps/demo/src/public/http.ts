import { AuthClientError, type Issue } from '@auth/client'

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

/** Makes a call and reads its answer. Never rejects. */
export async function ask(call: () => Promise<Response>): Promise<Answer> {
  const started = performance.now()
  try {
    const answer = await read(await call())
    return { ...answer, durationMs: performance.now() - started }
  } catch (error) {
    return { ...failureOf(error), durationMs: performance.now() - started }
  }
}

/** Does something with the client and tells how it went. Never rejects. */
export async function attempt(action: () => Promise<unknown>): Promise<Answer> {
  const started = performance.now()
  try {
    await action()
    return { ...none, ok: true, status: 200, durationMs: performance.now() - started }
  } catch (error) {
    return { ...failureOf(error), durationMs: performance.now() - started }
  }
}

const none = { ok: false, status: 0, code: '', issues: [], retryAfter: null, body: null }

function failureOf(error: unknown): Omit<Answer, 'durationMs'> {
  if (!(error instanceof AuthClientError)) return { ...none, code: 'network' }
  const { status, code, issues, retryAfter, problem } = error
  return { ok: false, status, code, issues, retryAfter, body: problem }
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

import { type HttpConformanceOptions, normalise } from '@auth/core/testing'

/** Rows in which a framework's own router may answer first, or whose exchanges are as many as it takes. */
const incomparable =
  /^(BF-10|AD-02 answers a path that cannot be decoded|AD-04 guards a route whatever|F-41|WB-09|refuses framing)/

/** What two runs of the kit are compared by. */
export interface Comparable {
  /** The codes of refusals that came. */
  readonly codes: ReadonlySet<string>
  /** What the SDK answered, without what differs from run to run. */
  readonly exchanges: readonly string[]
}

/** Hears of a run's exchanges, and keeps what other runs are to have too. */
export function comparing(): Comparable & Required<Pick<HttpConformanceOptions, 'onExchange'>> {
  const exchanges: string[] = []
  const codes = new Set<string>()
  return {
    exchanges,
    codes,
    onExchange(exchange) {
      const { request, answer, test, app } = exchange
      codes.add(String(answer.json().code))
      const isBelow = /^(~|\/\.well-known\/jwks)/.test(request.target)
      // What the app has no route for is its own to answer.
      const isGuarded = answer.status !== 404 && answer.all('content-type')[0] === 'application/problem+json'
      // 431 is the server's own, and preflights are the CORS plugin's.
      const isElsewhere = answer.status === 431 || (request.method === 'OPTIONS' && app === 'proxied')
      const isSteady = !isElsewhere && !incomparable.test(test) && !request.target.includes('/probe/counts')
      if ((isBelow || isGuarded) && isSteady) exchanges.push(normalise(exchange))
    },
  }
}

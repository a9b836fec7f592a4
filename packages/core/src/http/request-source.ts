/** What a guard needs of a request: no body, no `Request` object. */
export interface RequestSource {
  readonly method: string
  /** Path and query as received, or an absolute URL. */
  readonly url: string
  /** A header's value by its lower-case name; every line of it where it was repeated. */
  header(name: string): string | readonly string[] | undefined
  /** The peer's address as the framework knows it. */
  readonly ip: string | undefined
  /**
   * The path pattern of the route that was met, as in `/orders/:id`, where the framework tells. Asked for the audit trail
   * alone: a pattern holds nothing of what a path may.
   */
  route?(): string | undefined
}

/** All lines of a header. */
export function headerLines(source: RequestSource, name: string): readonly string[] {
  const value = source.header(name)
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}

/** The source that a Web `Request` is. Repeated lines of a header arrive joined with a comma. */
export function sourceOfRequest(
  request: Pick<Request, 'method' | 'url' | 'headers'>,
  ip: string | undefined,
): RequestSource {
  return {
    method: request.method,
    url: request.url,
    header: (name) => request.headers.get(name) ?? undefined,
    ip,
  }
}

const word = /^[A-Za-z][A-Za-z_.~-]{0,31}$/

/**
 * A path with `*` in the place of each segment that is more than a plain word: ids, tickets and whatever else of a path
 * belongs into no log.
 */
export function namedSegments(path: string): string {
  return path
    .split('/')
    .map((segment) => (segment === '' || word.test(segment) ? segment : '*'))
    .join('/')
}

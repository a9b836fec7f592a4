/**
 * The same functions, each of which waits for `started` first and fails as it does: whoever calls a service before any
 * request has come is not to work on the wrong stores either. Groups of functions may hold groups.
 */
export function afterStart<Group extends object>(started: () => Promise<void>, group: Group): Group {
  const entries = Object.entries(group).map(([name, member]: [string, unknown]) => {
    if (typeof member === 'object' && member !== null) return [name, afterStart(started, member)]
    if (typeof member !== 'function') return [name, member]
    return [name, (...given: unknown[]) => started().then(() => Reflect.apply(member, undefined, given))]
  })
  return Object.fromEntries(entries) as Group // The same names, with functions of the same types: all of them give promises.
}

/** Something that runs once at a time, for all who ask. */
export interface SharedRun<T> {
  /** The outcome of the run under way, or of a new one. */
  join(): Promise<T>
  /** The outcome of a run that begins after the call, so that it sees whatever happened before. */
  fresh(): Promise<T>
}

/** Shares the runs of something that must not run twice at the same time. A failure is told to all who waited for that run. */
export function createSharedRun<T>(run: () => Promise<T>): SharedRun<T> {
  let current: Promise<T> | undefined
  let next: Promise<T> | undefined

  function join(): Promise<T> {
    current ??= run().finally(() => {
      current = undefined
    })
    return current
  }

  return {
    join,
    fresh() {
      if (!current) return join()
      // Whatever is under way once the current run has ended began after this call.
      const begin = (): Promise<T> => {
        next = undefined
        return join()
      }
      next ??= current.then(begin, begin)
      return next
    },
  }
}

/** Bounds how long a piece of the kit may run, and knows what it waits for. */
export interface PendingCalls {
  /** The same store; what it has been asked and has not answered is known from now on. */
  follow<Store extends object>(name: string, store: Store): Store
  /** Runs something, and fails where it does not end in time: with the calls that are still unanswered. */
  inTime<T>(what: string, run: () => Promise<T>): Promise<T>
}

/** @param limitMs How long one piece may run. */
export function trackCalls(limitMs: number): PendingCalls {
  const unanswered = new Map<symbol, string>()

  function note(call: string, answer: PromiseLike<unknown>): void {
    const id = Symbol(call)
    unanswered.set(id, call)
    const forget = (): void => void unanswered.delete(id)
    answer.then(forget, forget)
  }

  return {
    follow: (name, store) =>
      new Proxy({} as typeof store, {
        get(_, key) {
          const member: unknown = Reflect.get(store, key)
          if (typeof member !== 'function') return member
          return (...given: unknown[]) => {
            const answer: unknown = Reflect.apply(member, store, given)
            // The store's own promise is handed on: another one in its place would settle later, and races are about that.
            if (isPromise(answer)) note(`${name}.${String(key)}`, answer)
            return answer
          }
        },
      }),
    async inTime(what, run) {
      let timer: ReturnType<typeof setTimeout> | undefined
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          const calls = [...new Set(unanswered.values())]
          const waiting = calls.length > 0 ? `; no answer yet from ${calls.join(', ')}` : ''
          unanswered.clear()
          reject(new Error(`${what} did not end within ${limitMs} ms${waiting}`))
        }, limitMs)
      })
      try {
        return await Promise.race([run(), late])
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

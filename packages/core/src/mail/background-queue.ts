/** Work that is done after the answer. */
export interface BackgroundQueue {
  /**
   * Takes a job; `false` where too many wait already, and then the job is not done. The job must not reject.
   * @param stranger On whose wish it is done, where anybody may wish for it. One of them has a small part of the queue, and all of
   * them together leave room for the others.
   */
  push(job: () => Promise<void>, stranger?: string): boolean
  /** Resolves when everything that was taken so far is done. */
  idle(): Promise<void>
}

/** How much is done at once, and how much may wait. */
export interface QueueLimits {
  readonly concurrency: number
  readonly capacity: number
  /** How many jobs of strangers may wait: of one, and of all. */
  readonly strangers: { readonly each: number; readonly all: number }
}

interface Waiting {
  readonly job: () => Promise<void>
  readonly stranger: string | undefined
}

/** How long a job lets the answer go ahead, whose time would otherwise tell what the job has to do. */
const headStartMs = 10
const answered = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, headStartMs))

/** Makes a queue in this process. What waits in it is lost with the process. */
export function createBackgroundQueue({ concurrency, capacity, strangers }: QueueLimits): BackgroundQueue {
  const waiting: Waiting[] = []
  const running = new Set<Promise<void>>()

  function hasRoom(stranger: string | undefined): boolean {
    if (waiting.length >= capacity) return false
    if (stranger === undefined) return true
    const others = waiting.filter((one) => one.stranger !== undefined)
    return others.length < strangers.all && others.filter((one) => one.stranger === stranger).length < strangers.each
  }

  function startNext(): void {
    const next = running.size < concurrency ? waiting.shift() : undefined
    if (!next) return
    const run: Promise<void> = answered()
      .then(next.job)
      .catch(() => undefined)
      .then(() => {
        running.delete(run)
        startNext()
      })
    running.add(run)
  }

  return {
    push(job, stranger) {
      if (!hasRoom(stranger)) return false
      waiting.push({ job, stranger })
      startNext()
      return true
    },
    async idle() {
      while (running.size > 0) await Promise.race(running)
    },
  }
}

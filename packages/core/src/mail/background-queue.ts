/** Work that is done after the answer. */
export interface BackgroundQueue {
  /** Takes a job; `false` where too many wait already, and then the job is not done. The job must not reject. */
  push(job: () => Promise<void>): boolean
  /** Resolves when everything that was taken so far is done. */
  idle(): Promise<void>
}

/** How much is done at once, and how much may wait. */
export interface QueueLimits {
  readonly concurrency: number
  readonly capacity: number
}

/** How long a job lets the answer go ahead, whose time would otherwise tell what the job has to do. */
const headStartMs = 10
const answered = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, headStartMs))

/** Makes a queue in this process. What waits in it is lost with the process. */
export function createBackgroundQueue({ concurrency, capacity }: QueueLimits): BackgroundQueue {
  const waiting: (() => Promise<void>)[] = []
  const running = new Set<Promise<void>>()

  function startNext(): void {
    const job = running.size < concurrency ? waiting.shift() : undefined
    if (!job) return
    const run: Promise<void> = answered()
      .then(job)
      .catch(() => undefined)
      .then(() => {
        running.delete(run)
        startNext()
      })
    running.add(run)
  }

  return {
    push(job) {
      if (waiting.length >= capacity) return false
      waiting.push(job)
      startNext()
      return true
    },
    async idle() {
      while (running.size > 0) await Promise.race(running)
    },
  }
}

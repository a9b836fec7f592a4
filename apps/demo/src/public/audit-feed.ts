/** Something that is done again and again while somebody looks. */
export interface Feed {
  /** Begins, at once; nothing more where it runs already. */
  start(): void
  stop(): void
}

const everyMs = 3000

/**
 * Looks every few seconds, one look at a time, while the page is in front of somebody. `look` answers how many seconds the
 * server asks to wait, or `null`.
 */
export function createFeed(look: () => Promise<number | null>): Feed {
  let timer: ReturnType<typeof setTimeout> | null = null
  let runs = 0

  function next(run: number, afterMs: number): void {
    timer = setTimeout(() => void turn(run), afterMs)
  }

  async function turn(run: number): Promise<void> {
    const wait = document.hidden ? null : await look().catch(() => null)
    if (run === runs) next(run, Math.max(everyMs, (wait ?? 0) * 1000))
  }

  function stop(): void {
    runs++
    if (timer !== null) clearTimeout(timer)
    timer = null
  }

  return {
    stop,
    start() {
      if (timer !== null) return
      next(++runs, 0)
    },
  }
}

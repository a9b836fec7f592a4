import type { Clock } from '../shared/clock.js'

/** Tries to get through once; `null` says: not yet. A rejection holds for everyone in the line. */
export type TryOnce<T> = () => Promise<T | null>

/** One line for each key, in which callers of this process wait for their turn, first come, first served. */
export interface WaitingLine<T extends object> {
  /**
   * Tries, and waits for a turn where others wait or nothing is free.
   * @throws what `onTimeout` makes at the deadline, and what `tryOnce` rejects with.
   */
  pass(key: string, tryOnce: TryOnce<T>, patience: Patience): Promise<T>
  /** Lets the first in line try now: something may have become free. */
  wake(key: string): void
}

/** How long a caller waits. */
export interface Patience {
  /** In monotonic milliseconds. */
  readonly deadline: number
  /** Makes the refusal of a caller whose time is up. */
  readonly onTimeout: () => Error
}

/** How lines work. */
export interface WaitingLineDeps {
  readonly clock: Clock
  /** How often the first in line tries, because other processes cannot wake it. */
  readonly pollMs: number
}

interface Waiter<T> extends Patience {
  readonly tryOnce: TryOnce<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

interface Line<T> {
  waiters: Waiter<T>[]
  /** Whether something may have become free since the last try began. */
  isWoken: boolean
  /** Ends the pause between two tries, where there is one. */
  endPause?: (() => void) | undefined
}

/** Makes the lines. Only the first of a line asks the store, so that a crowd from one address costs no more than one caller. */
export function createWaitingLine<T extends object>({ clock, pollMs }: WaitingLineDeps): WaitingLine<T> {
  const lines = new Map<string, Line<T>>()

  async function pause(line: Line<T>, ms: number): Promise<void> {
    const pausing = new AbortController()
    line.endPause = () => pausing.abort()
    await clock.wait(ms, pausing.signal).catch(() => {}) // Rejects when woken.
    line.endPause = undefined
  }

  /** Refuses those behind the first whose time is up: they may have waited elsewhere before. */
  function refuseLate(line: Line<T>): void {
    const isLate = ({ deadline }: Waiter<T>, index: number): boolean => index > 0 && deadline <= clock.monotonicMs()
    const late = line.waiters.filter(isLate)
    line.waiters = line.waiters.filter((waiter) => !late.includes(waiter))
    for (const { reject, onTimeout } of late) reject(onTimeout())
  }

  async function serveFirst(line: Line<T>, first: Waiter<T>): Promise<void> {
    line.isWoken = false
    const value = await first.tryOnce()
    refuseLate(line)
    const left = first.deadline - clock.monotonicMs()
    if (value === null && left > 0) {
      if (!line.isWoken) await pause(line, Math.min(pollMs, left))
      return
    }
    line.waiters.shift()
    if (value === null) first.reject(first.onTimeout())
    else first.resolve(value)
  }

  async function serve(key: string, line: Line<T>): Promise<void> {
    try {
      for (let first = line.waiters[0]; first; first = line.waiters[0]) await serveFirst(line, first)
    } catch (error) {
      for (const { reject } of line.waiters) reject(error)
    }
    // In the same turn as the line was found empty, or else a caller could join one that nobody serves.
    lines.delete(key)
  }

  function join(key: string, tryOnce: TryOnce<T>, patience: Patience): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter<T> = { ...patience, tryOnce, resolve, reject }
      const line = lines.get(key)
      if (line) {
        line.waiters.push(waiter)
        return
      }
      const started: Line<T> = { waiters: [waiter], isWoken: false }
      lines.set(key, started)
      void serve(key, started)
    })
  }

  return {
    async pass(key, tryOnce, patience) {
      const value = lines.has(key) ? null : await tryOnce()
      return value ?? join(key, tryOnce, patience)
    },
    wake(key) {
      const line = lines.get(key)
      if (!line) return
      line.isWoken = true
      line.endPause?.()
    },
  }
}

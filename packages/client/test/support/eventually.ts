import { expect } from 'vitest'

/** Expects something of a value that may take its time on a busy machine. */
export function eventually<T>(read: () => T | Promise<T>, timeout = 50_000): ReturnType<typeof expect.poll<T>> {
  return expect.poll(read, { timeout })
}

import { hasTabs } from './tab-channel.js'

/** The mark by which the server knows this device after somebody signed in on it. It is no credential, and outlives the session. */
export interface DeviceMark {
  read(): string | undefined
  /** Takes what an answer holds; anything but a text is none. */
  write(mark: unknown): void
}

/** Keeps the mark in the browser's storage, where that may be used. */
export function deviceMark(key: string): DeviceMark {
  let mark: string | undefined
  const storage = (): Storage | undefined => {
    try {
      return hasTabs() ? localStorage : undefined
    } catch {
      return undefined
    }
  }
  return {
    read: () => mark ?? storage()?.getItem(key) ?? undefined,
    write(next) {
      if (typeof next !== 'string') return
      mark = next
      try {
        storage()?.setItem(key, next)
      } catch {} // It is full; this tab knows it.
    },
  }
}

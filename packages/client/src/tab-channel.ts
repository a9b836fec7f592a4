/** A line to the other clients of this origin that use the same server. */
export interface TabChannel {
  /** Tells all others. */
  post(message: unknown): void
  close(): void
}

/** Opens a line; outside a page, where there are no tabs, nothing. */
export function openChannel(name: string, heard: (message: unknown) => void): TabChannel {
  // Programs have BroadcastChannel too, but there it would keep the process alive.
  if (!hasTabs() || typeof BroadcastChannel !== 'function') return { post: () => undefined, close: () => undefined }
  const channel = new BroadcastChannel(name)
  channel.onmessage = ({ data }) => heard(data)
  return { post: (message) => channel.postMessage(message), close: () => channel.close() }
}

/** Whether this runs in a browser. */
export function hasTabs(): boolean {
  return typeof document === 'object' && typeof addEventListener === 'function'
}

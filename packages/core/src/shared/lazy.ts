/**
 * Makes something at its first use, once for all who ask meanwhile and later. A failure reaches those who waited for it
 * and is then forgotten: the next use tries again.
 */
export function lazy<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}

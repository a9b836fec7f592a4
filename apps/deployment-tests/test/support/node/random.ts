/** Lets the platform's random numbers fail, as where a sandbox has no entropy source, or work again. */
export function breakRandom(fails: boolean): void {
  const failure = (): never => {
    throw new Error('no entropy')
  }
  for (const name of ['getRandomValues', 'randomUUID'] as const) {
    if (fails) Object.defineProperty(crypto, name, { value: failure, configurable: true })
    else Reflect.deleteProperty(crypto, name)
  }
}

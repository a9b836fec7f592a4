import { type AuthStores, createAuth } from '@auth/core'
import { round } from './statistics.js'

const issuer = 'https://app.example.com'
const sampleSeconds = 3

/** Refreshes, each as a request comes in and its answer goes out. */
export interface Refreshing {
  /** Exchanges the worker's refresh token for the next one. */
  refresh(worker: number): Promise<void>
  /** How much of the time of one refresh after another is spent waiting for Web Crypto: signatures, HMACs, digests. */
  cryptoShare(): Promise<number>
}

/** Registers a user for each worker. */
export async function startRefreshing(stores: AuthStores, workers: number): Promise<Refreshing> {
  const auth = createAuth({ issuer, secret: crypto.randomUUID(), stores })
  const tokens: string[] = []

  async function post(path: string, body: object): Promise<string> {
    const headers = { 'content-type': 'application/json' }
    const request = new Request(`${issuer}/auth${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    const answer = await auth.handler(request, { ip: '203.0.113.7' })
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
    return ((await answer.json()) as { refreshToken: string }).refreshToken // As the documentation states it.
  }

  async function refresh(worker: number): Promise<void> {
    tokens[worker] = await post('/refresh', { refreshToken: tokens[worker] })
  }

  for (let worker = 0; worker < workers; worker++)
    tokens.push(await post('/register', { email: `user${worker}@example.com`, password: crypto.randomUUID() }))
  return {
    refresh,
    async cryptoShare() {
      const watch = watchCrypto()
      const start = performance.now()
      while (performance.now() < start + sampleSeconds * 1000) await refresh(0)
      return round(watch.stop() / (performance.now() - start))
    },
  }
}

/** Measures for how long at least one call of Web Crypto is under way, in milliseconds. */
function watchCrypto(): { stop(): number } {
  const methods = ['sign', 'verify', 'digest', 'encrypt', 'decrypt', 'deriveBits', 'deriveKey', 'importKey'] as const
  const kept = Object.getOwnPropertyDescriptors(SubtleCrypto.prototype)
  let [underWay, since, total] = [0, 0, 0]
  const begin = (): void => {
    if (underWay++ === 0) since = performance.now()
  }
  const end = (): void => {
    if (--underWay === 0) total += performance.now() - since
  }
  for (const name of methods) {
    const method: unknown = kept[name]?.value
    if (typeof method !== 'function') throw new Error(`Web Crypto has no ${name}`)
    Object.defineProperty(SubtleCrypto.prototype, name, {
      ...kept[name],
      async value(...given: unknown[]) {
        begin()
        try {
          return await Reflect.apply(method, this, given)
        } finally {
          end()
        }
      },
    })
  }
  return {
    stop() {
      for (const name of methods) Object.defineProperty(SubtleCrypto.prototype, name, kept[name] ?? {})
      return total
    },
  }
}

import { expect, it } from 'vitest'
import { StoreError } from '../errors.js'
import { virtualClock } from '../testing/virtual-clock.js'
import { withDeadline } from './store-deadline.js'

class Driver {
  #answer = 42
  async find(): Promise<number> {
    return this.#answer
  }
  async broken(): Promise<never> {
    throw new TypeError('ECONNRESET')
  }
  hangs(): Promise<never> {
    return new Promise(() => undefined)
  }
  subscribe(wake: () => void): () => void {
    wake()
    return () => undefined
  }
}

it('passes answers on, also of stores that are classes', async () => {
  expect(await withDeadline(new Driver(), 'users', virtualClock(), 2000).find()).toBe(42)
})

it('ST-05 turns an answer that does not come in time into a StoreError', async () => {
  const clock = virtualClock()
  const asked = withDeadline(new Driver(), 'users', clock, 2000).hangs()
  const refused = expect(asked).rejects.toThrow(new StoreError('users.hangs did not answer within 2000 ms'))
  await clock.advance(2000)
  await refused
})

it('turns whatever a driver throws into a StoreError, with the cause', async () => {
  const refused = withDeadline(new Driver(), 'users', virtualClock(), 2000).broken()
  await expect(refused).rejects.toMatchObject({ name: 'StoreError', cause: { message: 'ECONNRESET' } })
})

it('leaves subscribe alone: it is no question', () => {
  let woken = 0
  const stop = withDeadline(new Driver(), 'revocations', virtualClock(), 2000).subscribe(() => woken++)
  expect(woken).toBe(1)
  expect(typeof stop).toBe('function')
})

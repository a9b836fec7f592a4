import { createAnswerPanel } from './answer-panel.js'
import { routeOf } from './api-view.js'
import { busy, byId, make } from './dom.js'
import { ask } from './http.js'

/** A call to make with a key. */
interface Trial {
  readonly id: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly does: string
  readonly body?: object
}

const trials: readonly Trial[] = [
  { id: 'orders', method: 'GET', path: '/api/orders', does: 'List orders' },
  { id: 'place-order', method: 'POST', path: '/api/orders', does: 'Place an order', body: { item: 'Tea, by key' } },
  { id: 'me', method: 'GET', path: '/auth/me', does: 'Ask who is calling' },
  {
    id: 'key',
    method: 'POST',
    path: '/auth/api-keys',
    does: 'Make another key, which no key may',
    body: { name: 'By key', scopes: [] },
  },
]

/** The card for calling with a key. */
export interface KeyTrial {
  /** Takes a key over, to be called with. */
  take(key: string): void
  /** Forgets the key and the last answer. */
  reset(): void
}

/** Fills the card. */
export function createKeyTrial(): KeyTrial {
  const field = byId<HTMLInputElement>('presented-key')
  const panel = createAnswerPanel('key-answer', 'Pick a call to see what the key may do.')

  async function call({ method, path, body }: Trial): Promise<void> {
    const headers = { 'x-api-key': field.value.trim(), ...(body && { 'content-type': 'application/json' }) }
    const init: RequestInit = { method, headers, credentials: 'omit', ...(body && { body: JSON.stringify(body) }) }
    await panel.show(() => ask(() => fetch(path, init)))
  }

  byId('key-calls').after(panel.element)
  byId('key-calls').append(
    ...trials.map((trial) => {
      const { id, method, path, does } = trial
      const label = `${does}: ${method} ${path} with this key`
      const button = make('button', { type: 'button', class: 'button', id: `key-call-${id}`, 'aria-label': label }, 'Call')
      button.addEventListener('click', () => void busy(button, () => call(trial)))
      const text = make('div', { class: 'endpoint-text' }, make('strong', {}, does), routeOf(method, path))
      return make('li', { class: 'endpoint' }, text, button)
    }),
  )

  return {
    take(key) {
      field.value = key
      panel.clear()
      byId('try-key').scrollIntoView({ block: 'nearest' })
      byId('key-call-orders').focus({ preventScroll: true })
    },
    reset() {
      field.value = ''
      panel.clear()
    },
  }
}

import { createAnswerPanel } from './answer-panel.js'
import { busy, byId, make } from './dom.js'
import type { PageSession } from './session.js'

/** A call that the page offers. */
interface Endpoint {
  readonly id: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly does: string
  readonly needs: string
}

const endpoints: readonly Endpoint[] = [
  { id: 'public', method: 'GET', path: '/api/public', does: 'Read what is public', needs: 'nothing' },
  { id: 'orders', method: 'GET', path: '/api/orders', does: 'List my orders', needs: 'scope read:orders' },
  { id: 'place-order', method: 'POST', path: '/api/orders', does: 'Place an order', needs: 'scope write:orders' },
  { id: 'admin', method: 'GET', path: '/api/admin', does: 'Enter the back office', needs: 'role admin' },
  {
    id: 'account-data',
    method: 'DELETE',
    path: '/api/account-data',
    does: 'Delete my orders',
    needs: 'a sign-in in the last 5 minutes',
  },
]

/** The card for calling the app's API. */
export interface ApiView {
  /** Forgets the last answer. */
  reset(): void
}

/** Fills the card. */
export function createApiView(session: PageSession): ApiView {
  const item = make('input', { id: 'order-item', value: 'A cup of tea', maxlength: '200', 'aria-label': 'What to order' })

  const panel = createAnswerPanel('answer', 'Pick a call to see the server’s answer and what it means.')

  async function call({ id, method, path }: Endpoint): Promise<void> {
    const body = id === 'place-order' ? { item: item.value } : undefined
    await panel.show(() => session.call({ method, path, ...(body ? { body } : {}) }))
  }

  byId('endpoints').after(panel.element)
  byId('endpoints').append(
    ...endpoints.map((endpoint) => {
      const { id, method, path, does, needs } = endpoint
      const label = `${does}: ${method} ${path}`
      const button = make('button', { type: 'button', class: 'button', id: `call-${id}`, 'aria-label': label }, 'Call')
      button.addEventListener('click', () => void busy(button, () => call(endpoint)))
      const text = make(
        'div',
        { class: 'endpoint-text' },
        make('strong', {}, does),
        routeOf(method, path),
        make('small', {}, `needs ${needs}`),
      )
      return make('li', { class: 'endpoint' }, text, ...(id === 'place-order' ? [item] : []), button)
    }),
  )
  return { reset: () => panel.clear() }
}

/** A method and a path. */
export function routeOf(method: string, path: string): HTMLElement {
  const verb = make('span', { class: 'method', 'data-method': method }, method)
  return make('span', { class: 'route' }, verb, make('code', {}, path))
}

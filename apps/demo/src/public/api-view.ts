import { busy, byId, make } from './dom.js'
import type { Answer } from './http.js'
import { meaningOf } from './messages.js'
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

  async function call({ id, method, path }: Endpoint): Promise<void> {
    byId('answer').setAttribute('aria-busy', 'true')
    const body = id === 'place-order' ? { item: item.value } : undefined
    showAnswer(await session.call({ method, path, ...(body ? { body } : {}) }))
  }

  byId('endpoints').append(
    ...endpoints.map((endpoint) => {
      const { id, method, path, does, needs } = endpoint
      const label = `${does}: ${method} ${path}`
      const button = make('button', { type: 'button', class: 'button', id: `call-${id}`, 'aria-label': label }, 'Call')
      button.addEventListener('click', () => void busy(button, () => call(endpoint)))
      const route = make(
        'span',
        { class: 'route' },
        make('span', { class: 'method', 'data-method': method }, method),
        make('code', {}, path),
      )
      const text = make(
        'div',
        { class: 'endpoint-text' },
        make('strong', {}, does),
        route,
        make('small', {}, `needs ${needs}`),
      )
      return make('li', { class: 'endpoint' }, text, ...(id === 'place-order' ? [item] : []), button)
    }),
  )
  return { reset: () => clearAnswer() }
}

function clearAnswer(): void {
  byId('answer-status').textContent = '–'
  byId('answer-status').removeAttribute('data-kind')
  byId('answer-code').textContent = ''
  byId('answer-time').textContent = ''
  byId('answer-meaning').textContent = 'Pick a call to see the server’s answer and what it means.'
  byId('answer-body').hidden = true
}

function showAnswer(answer: Answer): void {
  const { ok, status, code, body, durationMs } = answer
  byId('answer').setAttribute('aria-busy', 'false')
  byId('answer-status').textContent = status === 0 ? 'no answer' : String(status)
  byId('answer-status').setAttribute('data-kind', ok ? 'good' : 'bad')
  byId('answer-code').textContent = code
  byId('answer-time').textContent = `${Math.round(durationMs)} ms`
  byId('answer-meaning').textContent = meaningOf(answer)
  byId('answer-body').hidden = body === null
  byId('answer-body').textContent = JSON.stringify(body, null, 2)
  // On a small screen the answer lies below the list.
  byId('answer').scrollIntoView({ block: 'nearest' })
}

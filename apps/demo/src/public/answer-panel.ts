import { make } from './dom.js'
import type { Answer } from './http.js'
import { meaningOf } from './messages.js'

/** Where the page shows what the server said to a call. */
export interface AnswerPanel {
  /** The panel itself, for the card that it belongs to. */
  readonly element: HTMLElement
  /** Makes a call, and shows its answer and what that means. */
  show(call: () => Promise<Answer>): Promise<void>
  /** Forgets the last answer. */
  clear(): void
}

/** Makes a panel. Its parts can be found as `<id>-status`, `<id>-code` and so on. */
export function createAnswerPanel(id: string, invitation: string): AnswerPanel {
  const part = (name: string, attributes = {}): Record<string, string> => ({ 'data-testid': `${id}-${name}`, ...attributes })
  const status = make('span', part('status', { class: 'status' }))
  const code = make('code', part('code'))
  const time = make('span', { class: 'answer-time' })
  const meaning = make('p', part('meaning'))
  const body = make('pre', part('body'))
  const head = make('p', { class: 'answer-head' }, status, code, time)
  const attributes = { class: 'answer', id, 'data-testid': id, 'aria-live': 'polite', 'aria-busy': 'false' }
  const element = make('div', attributes, head, meaning, body)

  function clear(): void {
    status.textContent = '–'
    status.removeAttribute('data-kind')
    code.textContent = ''
    time.textContent = ''
    meaning.textContent = invitation
    body.hidden = true
  }

  function fill(answer: Answer): void {
    status.textContent = answer.status === 0 ? 'no answer' : String(answer.status)
    status.setAttribute('data-kind', answer.ok ? 'good' : 'bad')
    code.textContent = answer.code
    time.textContent = `${Math.round(answer.durationMs)} ms`
    meaning.textContent = meaningOf(answer)
    body.hidden = answer.body === null
    body.textContent = JSON.stringify(answer.body, null, 2)
  }

  clear()
  return {
    element,
    clear,
    async show(call) {
      element.setAttribute('aria-busy', 'true')
      fill(await call())
      element.setAttribute('aria-busy', 'false')
      // On a small screen the answer lies below what was pressed.
      element.scrollIntoView({ block: 'nearest' })
    },
  }
}

import { busy, make, when } from './dom.js'
import { clearErrors, showErrors } from './form-errors.js'
import { meaningOf } from './messages.js'
import type { PageSession } from './session.js'

/** Whether an account is locked, as the server says. */
interface Lock {
  readonly id: string
  readonly email: string
  readonly lockedUntil: string | null
}

/** The card in which administrators look up a lock, and lift it. */
export interface LockForm {
  readonly element: HTMLElement
  /** Empties it. */
  reset(): void
}

/** Makes the card. `lifted` hears of a lock that was lifted. */
export function createLockForm(session: PageSession, lifted: () => Promise<void>): LockForm {
  const email = make('input', { id: 'lock-email', name: 'email', type: 'email', autocomplete: 'off', required: '' })
  email.setAttribute('aria-describedby', 'lock-email-error')
  const error = make('p', { class: 'error', id: 'lock-email-error', 'data-error': 'email' })
  const submit = make('button', { type: 'submit', class: 'button primary', id: 'look-up-lock' }, 'Look up')
  const form = make(
    'form',
    { id: 'form-lock', novalidate: '', 'aria-labelledby': 'lock-title' },
    make('div', { class: 'field' }, make('label', { for: email.id }, 'E-mail address of the account'), email, error),
    make('p', { class: 'error form-error', role: 'alert' }),
    submit,
  )
  const said = make('p', { class: 'hint', role: 'status', 'aria-live': 'polite', 'data-testid': 'lock-status' })
  const lift = make('button', { type: 'button', class: 'button danger', id: 'lift-lock', hidden: '' }, 'Lift the lock')
  const title = make('h2', { id: 'lock-title' }, 'Is somebody locked out?')
  const element = make('article', { class: 'card', 'aria-labelledby': title.id }, title, form, said, lift)
  let found: Lock | null = null

  function show(lock: Lock | null, text: string): void {
    found = lock
    said.textContent = text
    lift.hidden = !lock?.lockedUntil
  }

  async function lookUp(): Promise<void> {
    clearErrors(form)
    show(null, '')
    const query = new URLSearchParams({ email: email.value.trim() })
    const answer = await session.call({ method: 'GET', path: `/api/admin/lock?${query}` })
    if (answer.status === 404) return show(null, 'No account has this address.')
    if (!answer.ok) return showErrors(form, answer)
    const lock = answer.body as unknown as Lock // The demo's own route.
    const until = lock.lockedUntil
    show(lock, until ? `${lock.email} is locked for new devices until ${when(until)}.` : `${lock.email} is not locked.`)
  }

  async function liftLock(): Promise<void> {
    if (!found) return
    const path = `/api/admin/users/${encodeURIComponent(found.id)}/unlock`
    const answer = await session.call({ method: 'POST', path })
    if (!answer.ok) return show(found, meaningOf(answer))
    show(null, `The lock of ${found.email} is lifted.`)
    await lifted()
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void busy(submit, lookUp)
  })
  lift.addEventListener('click', () => void busy(lift, liftLock))
  return {
    element,
    reset() {
      form.reset()
      clearErrors(form)
      show(null, '')
    },
  }
}

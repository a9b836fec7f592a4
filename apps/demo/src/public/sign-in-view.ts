import { busy, byId } from './dom.js'
import { clearErrors, showErrors } from './form-errors.js'
import type { ReturnTrip } from './return-trip.js'
import type { PageSession } from './session.js'

type Mode = 'sign-in' | 'sign-up'

/** The form for signing in and up. */
export interface SignInView {
  /** Empties the form, for the next person. */
  reset(): void
}

/** Puts life into the form. `notify` tells the person what was done; who is to go on elsewhere signs in with a cookie, which counts there too. */
export function createSignInView(session: PageSession, notify: (text: string) => void, trip: ReturnTrip): SignInView {
  const form = byId<HTMLFormElement>('form-account')
  const submit = byId<HTMLButtonElement>('submit-account')
  const password = byId<HTMLInputElement>('password')
  const tabs = { 'sign-in': byId('tab-sign-in'), 'sign-up': byId('tab-sign-up') }
  let mode: Mode = 'sign-in'

  function setMode(next: Mode): void {
    mode = next
    for (const [name, tab] of Object.entries(tabs)) {
      tab.setAttribute('aria-selected', String(name === next))
      tab.tabIndex = name === next ? 0 : -1
    }
    form.setAttribute('aria-labelledby', tabs[next].id)
    byId('field-name').hidden = next === 'sign-in'
    byId('password-hint').hidden = next === 'sign-in'
    password.autocomplete = next === 'sign-in' ? 'current-password' : 'new-password'
    submit.textContent = next === 'sign-in' ? 'Sign in' : 'Create account'
    clearErrors(form)
  }

  function showPassword(shown: boolean): void {
    const toggle = byId('show-password')
    password.type = shown ? 'text' : 'password'
    toggle.textContent = shown ? 'Hide' : 'Show'
    toggle.setAttribute('aria-pressed', String(shown))
  }

  async function enter(): Promise<void> {
    clearErrors(form)
    const fields = new FormData(form)
    const text = (name: string): string => String(fields.get(name) ?? '')
    const name = text('name').trim()
    const answer = await session.enter(mode === 'sign-in' ? 'login' : 'register', {
      email: text('email').trim(),
      password: text('password'),
      transport: trip.target !== null || text('transport') === 'cookie' ? 'cookie' : 'bearer',
      ...(mode === 'sign-up' && name ? { name } : {}),
    })
    if (!answer.ok) return showErrors(form, answer)
    if (answer.status !== 202) return
    notify(`A mail was sent to ${text('email').trim()}. Open the link in it, then sign in.`)
    setMode('sign-in')
  }

  for (const [name, tab] of Object.entries(tabs)) {
    tab.addEventListener('click', () => setMode(name as Mode)) // The keys are the modes.
    tab.addEventListener('keydown', (event) => {
      if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
      setMode(mode === 'sign-in' ? 'sign-up' : 'sign-in')
      tabs[mode].focus()
    })
  }
  byId('show-password').addEventListener('click', () => showPassword(password.type === 'password'))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void busy(submit, enter)
  })

  return {
    reset() {
      form.reset()
      showPassword(false)
      setMode('sign-in')
    },
  }
}

import { busy, byId } from './dom.js'
import { clearErrors, showErrors } from './form-errors.js'
import { ask } from './http.js'

/** Lets whoever is not signed in ask for a new password, for the address in the form. */
export function createForgottenPassword(notify: (text: string) => void): void {
  const form = byId<HTMLFormElement>('form-account')
  const button = byId<HTMLButtonElement>('forgot')

  async function request(): Promise<void> {
    clearErrors(form)
    const email = byId<HTMLInputElement>('email').value.trim()
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ email })
    const answer = await ask(() => fetch('/auth/password/forgot', { method: 'POST', headers, body }))
    if (!answer.ok) return showErrors(form, answer)
    notify(`If ${email} has an account, a link to choose a new password is on its way.`)
  }

  button.addEventListener('click', () => void busy(button, request))
}

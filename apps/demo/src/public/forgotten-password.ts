import { busy, byId } from './dom.js'
import { clearErrors, showErrors } from './form-errors.js'
import { type Answer, ask } from './http.js'

/** Asks for a mail with a link to choose a password. */
export function mailReset(email: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  return ask(() => fetch('/auth/password/forgot', { method: 'POST', headers, body: JSON.stringify({ email }) }))
}

/** Lets whoever is not signed in ask for a new password, for the address in the form. */
export function createForgottenPassword(notify: (text: string) => void): void {
  const form = byId<HTMLFormElement>('form-account')
  const button = byId<HTMLButtonElement>('forgot')

  async function request(): Promise<void> {
    clearErrors(form)
    const email = byId<HTMLInputElement>('email').value.trim()
    const answer = await mailReset(email)
    if (!answer.ok) return showErrors(form, answer)
    notify(`If ${email} has an account, a link to choose a new password is on its way.`)
  }

  button.addEventListener('click', () => void busy(button, request))
}

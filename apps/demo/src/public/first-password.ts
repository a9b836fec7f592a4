import { busy, byId } from './dom.js'
import { mailReset } from './forgotten-password.js'
import { meaningOf } from './messages.js'
import type { PageSession } from './session.js'

/** Offers whoever has no password a mail instead of the form that asks for the current one. */
export interface FirstPassword {
  /** Asks the server whether there is one. */
  load(): Promise<void>
  reset(): void
}

/** Puts life into that part of the card. `notify` tells the person what was done. */
export function createFirstPassword(session: PageSession, notify: (text: string) => void): FirstPassword {
  const button = byId<HTMLButtonElement>('set-password')

  function show(isSet: boolean): void {
    byId('form-password').hidden = !isSet
    byId('no-password').hidden = isSet
    byId('password-title').textContent = isSet ? 'Change password' : 'Set a password'
  }

  async function request(): Promise<void> {
    const email = session.current()?.user.email
    if (email === undefined) return
    const answer = await mailReset(email)
    notify(answer.ok ? `A link to choose a password is on its way to ${email}.` : meaningOf(answer))
  }

  button.addEventListener('click', () => void busy(button, request))

  return {
    async load() {
      const { ok, body } = await session.call({ method: 'GET', path: '/api/account/password' })
      if (ok) show(body?.isSet === true)
    },
    reset: () => show(true),
  }
}
